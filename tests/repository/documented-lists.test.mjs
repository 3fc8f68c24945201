// Lists in the documents that must agree with the tree: the tables of the database, and the folders of tests. Not here: whether
// what the documents say about each of them is true.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const text = (path) => readFileSync(new URL(path, root), 'utf8');

/** Returns the names in backticks in the first column of the table below a line, sorted; one that stands there twice is there twice. */
function named(document, line) {
  const [, below] = document.split(`\n${line}\n`);
  assert.ok(below, `there is no line \`${line}\``);
  const table = below.match(/(?:^\|.*\n)+/m)[0];
  const cells = table.trim().split('\n').slice(2).map((row) => row.split('|')[1]);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).sort();
}

/** Returns the tables that are there after all of these migrations, sorted. */
function tablesAfter(migrations) {
  const tables = new Set();
  const statements = /^(?:CREATE TABLE (\w+)|DROP TABLE (\w+)|ALTER TABLE (\w+) RENAME TO (\w+))/gm;
  for (const [, created, dropped, renamed, name] of migrations.join('\n').matchAll(statements)) {
    tables.delete(dropped ?? renamed);
    if (created ?? name) tables.add(created ?? name);
  }
  return [...tables].sort();
}

const migrations = readdirSync(new URL('migrations/', root)).sort().map((name) => text(`migrations/${name}`));

for (const [path, heading] of [['docs/ARCHITECTURE.md', '## The database'], ['docs/SECURITY.md', '## What is stored']]) {
  test(`"${heading.slice(3)}" of ${path} names each table of the database once`, () => {
    assert.deepEqual(named(text(path), heading), tablesAfter(migrations));
  });
}

test('CONTRIBUTING.md names each folder of tests once', () => {
  const folders = readdirSync(new URL('tests/', root), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map((entry) => entry.name).sort();
  assert.deepEqual(named(text('CONTRIBUTING.md'), 'The folders of `tests`:'), names);
});

test('a table that a migration drops or renames does not count, and a row that names two is read as two', () => {
  assert.deepEqual(tablesAfter(['CREATE TABLE a (\nCREATE TABLE b (', 'DROP TABLE a;\nALTER TABLE b RENAME TO c;\nCREATE TABLE d (']), ['c', 'd']);
  assert.deepEqual(named('x\n\n## T\nA.\n\n| N | M |\n|---|---|\n| `b`, `a` | `d` |\n| `c` | |\n\n| N |\n|---|\n| `e` |\n', '## T'), ['a', 'b', 'c']);
});
