// `npm run bench -- http` on a small directory: each step gets its answers from the Worker and the floor, and the
// figures become a table and a chart. No time is asserted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chart } from '../../scripts/bench/http/chart.mjs';
import { compare } from '../../scripts/bench/http/measure.mjs';
import { readOptions } from '../../scripts/bench/http/options.mjs';
import { bars, table } from '../../scripts/bench/http/report.mjs';
import { newerNode } from '../../scripts/lib/paths.mjs';
import { capture } from '../../scripts/lib/process.mjs';

const program = fileURLToPath(new URL('../../scripts/bench/http/main.mjs', import.meta.url));

test('each step is measured against the floor, and a request without D1 against the echo', async () => {
  const args = ['--users', '110', '--peers', 'none', '--rounds', '1', '--size', '2'];
  const { code, stdout, stderr } = await capture(newerNode(), [program, ...args]);
  assert.equal(code, 0, stderr);
  const rows = stdout.slice(stdout.indexOf('|  |')).trim().split('\n').slice(2);
  const figures = rows.map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()));
  assert.deepEqual(
    figures.map(([name]) => name),
    [
      'without D1: ServiceProviderConfig',
      ...['create a user', 'match by userName', 'match by emails.value', 'read a user', 'PATCH a user', 'a page of 100 users'].map((name) => `${name}, 110 users`),
      'match by userName, requests a second at 16 connections, 110 users',
      ...['add a member', 'remove a member'].map((name) => `${name}, group of 110`),
    ],
  );
  for (const [name, ...cells] of figures) {
    assert.match(cells[0], /^\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\)$/, name);
    cells.slice(1).forEach((cell) => assert.match(cell, /^[\d.,]+( \(echo\))?$/, name));
  }
});

const rows = [
  {
    ...{ name: 'match', users: 1_000, unit: 'ms' },
    results: new Map([
      ['scim-edge', { rounds: [2, 6, 3] }],
      ['floor', { rounds: [1, 2, 2] }],
      ['slow', { rounds: [40, 40, 40] }],
      ['odd', { rounds: [], failed: 'answers 501' }],
    ]),
  },
];
const servers = [{ name: 'scim-edge' }, { name: 'floor' }, { name: 'slow', keeps: 'on paper' }, { name: 'odd' }];

test('a ratio is the median of the ratios of the rounds, so what slows a round down slows both', () => {
  assert.deepEqual(compare({ rounds: [2, 60, 3] }, { rounds: [1, 20, 2] }), { ratio: 2, spread: [1.5, 3] });
});

test('a server that lacks an operation is left out of the row with a word', () => {
  assert.equal(
    table(rows, servers),
    [
      '|  | scim-edge / floor | scim-edge | floor | slow (on paper) | odd |',
      '|---|---|---|---|---|---|',
      '| match, 1,000 users | 2.00 (1.50 to 3.00) | 3.00 | 2.00 | 40.00 | answers 501 |',
    ].join('\n'),
  );
  assert.deepEqual(bars(rows, servers), [
    { title: 'match, 1,000 users', bars: [{ name: 'scim-edge', ratio: 2 }, { name: 'slow', ratio: 20 }] },
  ]);
});

test('the chart has a bar for each figure and escapes what it is given', () => {
  const svg = chart(bars(rows, servers), ['scim-edge', 'slow', 'odd'], 'a < b & c');
  assert.ok(svg.includes('a &lt; b &amp; c'));
  const [ours, theirs] = [...svg.matchAll(/<rect x="[\d.]+" y="\d+" width="([\d.]+)" height="11"/g)].map(([, width]) => Number(width));
  assert.ok(ours > 1 && theirs > ours, `${ours}, ${theirs}`);
});

test('a misspelt option is named', () => {
  assert.throws(() => readOptions(['--peers', 'nobody']), /there is no peer `nobody`/);
  assert.throws(() => readOptions(['--users', 'many']), /--users must be a whole number from 1 to 100000, but is `many`/);
  assert.throws(() => readOptions(['--builds', 'x']), /--builds is a list of name=path, but has `x`/);
  assert.deepEqual(readOptions(['--quick']).sizes, [1_000]);
  assert.deepEqual(readOptions(['--users', '10000,1000', '--peers', 'none']).sizes, [1_000, 10_000]);
});
