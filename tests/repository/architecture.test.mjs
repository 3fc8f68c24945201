// The layout of src/, read from its `use` lines: no file imports one that calls it. No Worker runs.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const files = readdirSync(src, { recursive: true }).filter((name) => name.endsWith('.rs'));

/** Expands `a::{b, c::{self, D}}` to `a::b`, `a::c::self` and `a::c::D`. */
export function expand(tree) {
  const open = tree.indexOf('{');
  if (open === -1) return [tree.trim().replace(/ as \w+$/, '')];
  const head = tree.slice(0, open);
  const parts = [''];
  let depth = 0;
  for (const character of tree.slice(open + 1, tree.lastIndexOf('}'))) {
    depth += { '{': 1, '}': -1 }[character] ?? 0;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part.trim()).flatMap((part) => expand(part.trim())).map((part) => head.trim() + part);
}

/** Returns the folder of the children of a module: `a/` of `a.rs` and of `a/mod.rs`. */
const childrenOf = (file) => (/(^|\/)(mod|lib)\.rs$/.test(file) ? dirname(file) : file.replace(/\.rs$/, ''));

const moduleAt = (folder, name) => [`${name}.rs`, `${name}/mod.rs`].map((each) => join(folder, each)).find((each) => existsSync(join(src, each)));

/** Returns the file that a path leads to: the module that is named last. */
function resolve(from, path) {
  const segments = path.split('::');
  const first = segments.shift();
  let folder = childrenOf(from);
  let found;
  if (first === 'crate') folder = '.';
  else if (first === 'super') {
    folder = dirname(folder);
    found = folder === '.' ? 'lib.rs' : [join(folder, 'mod.rs'), `${folder}.rs`].find((each) => existsSync(join(src, each)));
  } else segments.unshift(first);
  for (const segment of segments) {
    const next = moduleAt(folder, segment);
    if (!next) break;
    found = next;
    folder = childrenOf(next);
  }
  return found;
}

/** Returns the files that a file imports, without tests. A module with children imports each of them. */
function importsOf(file) {
  const text = readFileSync(join(src, file), 'utf8').split('#[cfg(test)]')[0];
  const uses = [...text.matchAll(/^\s*(?:pub(?:\([a-z]+\))? )?use ([^;]+);/gm)].flatMap(([, tree]) => expand(tree.replace(/\s+/g, ' ')));
  const children = [...text.matchAll(/^(?:pub(?:\([a-z]+\))? )?mod (\w+);/gm)].map(([, name]) => name);
  const paths = [...text.replace(/\/\/.*$/gm, '').matchAll(/\bcrate(?:::\w+)+/g)].map(([path]) => path);
  const found = [...uses, ...children, ...paths].map((path) => resolve(file, path));
  return [...new Set(found.filter((each) => each && each !== file))];
}

const imports = new Map(files.map((file) => [relative('.', file), importsOf(file)]));

/** Returns one cycle, as the files on it; undefined if there is none. */
function cycle(graph) {
  const done = new Set();
  const walk = (file, way) => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const found = walk(next, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = walk(file, []);
    if (found) return found;
  }
  return undefined;
}

test('a use tree is expanded and its paths are found', () => {
  assert.deepEqual(expand('crate::{a, b::{self, C as D}}'), ['crate::a', 'crate::b::self', 'crate::b::C']);
  assert.equal(resolve('lib.rs', 'router'), 'router.rs');
  assert.equal(resolve('auth/authenticate.rs', 'super::cache::get'), 'auth/cache.rs');
  assert.equal(resolve('auth/authenticate.rs', 'super::bearer'), 'auth/mod.rs');
  assert.equal(resolve('endpoints/scim.rs', 'crate::auth::Principal'), 'auth/mod.rs');
  assert.equal(resolve('endpoints/scim.rs', 'scim::parse'), undefined);
  assert.ok(imports.get('router.rs').includes('endpoints/token.rs'));
  assert.deepEqual(cycle(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]])), ['b', 'c', 'b']);
});

test('the files of src/ import one another in one direction', () => {
  assert.equal(cycle(imports), undefined);
});

test('an endpoint is imported by the router alone, and knows no other endpoint', () => {
  const endpoint = (file) => file.match(/^endpoints\/(\w+)/)?.[1];
  for (const [file, all] of imports) {
    for (const imported of all.filter(endpoint)) {
      const isCaller = ['lib.rs', 'router.rs', 'endpoints/mod.rs'].includes(file);
      assert.ok(isCaller || endpoint(file) === endpoint(imported), `${file} imports ${imported}`);
    }
  }
});
