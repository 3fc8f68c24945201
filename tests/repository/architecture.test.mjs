// The layout of src/ and of the crates, read from their `use` lines: no file imports one that calls it. No Worker runs.
//
// A file imports the file in which a name is defined: `use crate::a::X` is an import of `a/b.rs` if `a/mod.rs` only re-exports X
// from there. A path in the code, like `crate::a::f()`, counts as a `use` of it; tests do not count. A module that declares a child, or
// re-exports from it with `pub use`, does not import it, unless its own code uses the name too. In src/ it does in any case: there
// nothing may import a parent that has the importing file among its children.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const house = fileURLToPath(new URL('../..', import.meta.url));
const crates = readdirSync(join(house, 'crates')).filter((name) => existsSync(join(house, 'crates', name, 'src')));

/** Expands `a::{b, c::{self, D}}` to `a::b`, `a::c` and `a::c::D`, each with the name that it has from there on. */
export function expand(tree) {
  const open = tree.indexOf('{');
  if (open === -1) {
    const [, whole, alias] = tree.trim().match(/^(.*?)(?: as (\w+))?$/);
    const path = whole.replace(/::self$/, '');
    return [{ path, name: alias ?? path.split('::').at(-1) }];
  }
  const head = tree.slice(0, open).trim();
  const parts = [''];
  let depth = 0;
  for (const character of tree.slice(open + 1, tree.lastIndexOf('}'))) {
    depth += { '{': 1, '}': -1 }[character] ?? 0;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part.trim()).flatMap((part) => expand(head + part.trim()));
}

/** Returns the code of a file without comments and tests. */
const withoutTests = (text) =>
  text
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/#\[cfg\(test\)\]\s*(pub(\([a-z]+\))? )?(mod|use) [^;{]+;/g, '')
    .split(/#\[cfg\(test\)\]\s*mod \w+ \{/)[0];

/** Returns what a file says: its `use` lines, each of them public or not, the modules that it declares, and the rest. */
function read(text) {
  const code = withoutTests(text);
  const useLine = /^\s*(pub(?:\([a-z]+\))? )?use ([^;]+);/gm;
  const childLine = /^\s*(?:pub(?:\([a-z]+\))? )?mod (\w+);/gm;
  const uses = [...code.matchAll(useLine)].flatMap(([, isPublic, tree]) =>
    expand(tree.replace(/\s+/g, ' ')).map((use) => ({ ...use, isPublic: Boolean(isPublic) })),
  );
  const children = [...code.matchAll(childLine)].map(([, name]) => name);
  return { uses, children, rest: code.replace(useLine, '').replace(childLine, '') };
}

/** Returns what follows a name in the paths that begin with it: `::f` of `name::f()`. */
const pathsFrom = (name, rest) => [...rest.matchAll(new RegExp(`(?<!::)\\b${name}((?:::\\w+)+)`, 'g'))].map(([, after]) => after);

/** Reads the modules below a folder. */
export class Modules {
  constructor(files) {
    this.files = new Map([...files].map(([file, text]) => [file, read(text)]));
  }

  static below(folder) {
    const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.rs'));
    return new Modules(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  }

  /** Returns the folder of the children of a module: `a/` of `a.rs` and of `a/mod.rs`. */
  #childrenOf = (file) => (/(^|\/)(mod|lib)\.rs$/.test(file) ? dirname(file) : file.replace(/\.rs$/, ''));

  #first = (...names) => names.find((name) => this.files.has(name));

  #child = (file, name) => this.#first(join(this.#childrenOf(file), `${name}.rs`), join(this.#childrenOf(file), name, 'mod.rs'));

  #parent(file) {
    const folder = dirname(this.#childrenOf(file));
    return folder === '.' ? 'lib.rs' : this.#first(join(folder, 'mod.rs'), `${folder}.rs`);
  }

  /** Returns the file that a path leads to; undefined if it leads out of the crate. It follows what a module re-exports if `deep`. */
  resolve(from, path, deep, seen = []) {
    const segments = path.split('::');
    let file = from;
    let isInside = false;
    if (segments[0] === 'crate') [file, isInside] = ['lib.rs', segments.shift()];
    for (; segments[0] === 'self' || segments[0] === 'super'; isInside = true) {
      if (segments.shift() === 'super') file = this.#parent(file);
    }
    for (const [index, segment] of segments.entries()) {
      const child = this.#child(file, segment);
      if (child) [file, isInside] = [child, true];
      else {
        const use = deep && (isInside || index > 0) && this.files.get(file).uses.find(({ name }) => name === segment);
        const key = `${file} ${segment}`;
        if (!use || seen.includes(key)) break;
        const rest = segments.slice(index + 1);
        return this.resolve(file, [use.path, ...rest].join('::'), deep, [...seen, key]);
      }
    }
    return isInside ? file : undefined;
  }

  /** Returns the files that a file imports, by the rule of src/ if not `deep`, else by that of the crates. */
  importsOf(file, deep) {
    const { uses, children, rest } = this.files.get(file);
    const isUsed = ({ isPublic, name }) => !isPublic || name === '*' || new RegExp(`(?<!::|\\.)\\b${name}\\b(?!\\s*:[^:])`).test(rest);
    const named = [...uses.filter(({ name }) => name !== '*'), ...children.map((name) => ({ path: name, name }))];
    const paths = [
      ...uses.filter((use) => !deep || isUsed(use)).map(({ path }) => path),
      ...(deep ? [] : children),
      ...[...rest.matchAll(/\b(?:crate|super)(?:::\w+)+/g)].map(([path]) => path),
      ...(deep ? named.flatMap(({ path, name }) => pathsFrom(name, rest).map((after) => path + after)) : []),
    ];
    const found = paths.map((path) => this.resolve(file, path, deep));
    return [...new Set(found.filter((each) => each && each !== file))];
  }

  graph = (deep) => new Map([...this.files.keys()].map((file) => [file, this.importsOf(file, deep)]));
}

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

const inSrc = Modules.below(join(house, 'src'));

test('a use tree is expanded and its paths are found', () => {
  assert.deepEqual(expand('crate::{a, b::{self, C as D}}'), [
    { path: 'crate::a', name: 'a' },
    { path: 'crate::b', name: 'b' },
    { path: 'crate::b::C', name: 'D' },
  ]);
  assert.equal(inSrc.resolve('lib.rs', 'router'), 'router.rs');
  assert.equal(inSrc.resolve('auth/authenticate.rs', 'super::cache::get'), 'auth/cache.rs');
  assert.equal(inSrc.resolve('auth/authenticate.rs', 'super::bearer'), 'auth/mod.rs');
  assert.equal(inSrc.resolve('endpoints/scim.rs', 'crate::auth::Principal'), 'auth/mod.rs');
  assert.equal(inSrc.resolve('endpoints/scim.rs', 'scim::parse'), undefined);
  assert.ok(inSrc.importsOf('router.rs').includes('endpoints/token.rs'));
  assert.deepEqual(cycle(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]])), ['b', 'c', 'b']);
});

test('a name that a module re-exports is imported from the file that defines it', () => {
  const modules = new Modules([
    ['lib.rs', 'mod a;\nmod d;\npub use a::{X, make as create};'],
    ['a/mod.rs', 'mod b;\nmod c;\npub use b::X;\npub use c::{make, Y};\nfn own() -> Y { b::run() }'],
    ['a/b.rs', 'use super::make;\npub struct X;'],
    ['a/c.rs', 'use crate::d;\npub fn make() { d::create() }\n#[cfg(test)]\nmod tests {\n    use super::super::X;\n}'],
    ['d.rs', 'use crate::{X, a};\n// a::c::make\nfn f() { a::own() }'],
  ]);
  const imports = Object.fromEntries(modules.graph(true));
  assert.deepEqual(imports, {
    'lib.rs': [],
    'a/mod.rs': ['a/c.rs', 'a/b.rs'],
    'a/b.rs': ['a/c.rs'],
    'a/c.rs': ['d.rs'],
    'd.rs': ['a/b.rs', 'a/mod.rs'],
  });
  assert.deepEqual(cycle(modules.graph(true)), ['a/c.rs', 'd.rs', 'a/b.rs', 'a/c.rs']);
});

test('the files of src/ import one another in one direction', () => {
  assert.equal(cycle(inSrc.graph(false)), undefined);
  assert.equal(cycle(inSrc.graph(true)), undefined);
});

for (const crate of crates) {
  test(`the files of crates/${crate} import one another in one direction`, () => {
    assert.equal(cycle(Modules.below(join(house, 'crates', crate, 'src')).graph(true)), undefined);
  });
}

test('an endpoint is imported by the router alone, and knows no other endpoint', () => {
  const endpoint = (file) => file.match(/^endpoints\/(\w+)/)?.[1];
  for (const [file, all] of inSrc.graph(false)) {
    for (const imported of all.filter(endpoint)) {
      const isCaller = ['lib.rs', 'router.rs', 'endpoints/mod.rs'].includes(file);
      assert.ok(isCaller || endpoint(file) === endpoint(imported), `${file} imports ${imported}`);
    }
  }
});
