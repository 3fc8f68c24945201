// The documents: every link in them leads to a file that exists, and to a heading in it. Not here: whether the
// documents are true.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  'tests/cases/README.md',
  'examples/resource-types/README.md',
];

/** Returns the text without examples, whose brackets are not links. */
const prose = (path) => readFileSync(join(root, path), 'utf8').replace(/```[\s\S]*?```/g, '');

/** Returns the end of an address that leads to a heading. */
const anchor = (heading) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchors = (path) => [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));

/** Returns what is wrong with the links of a text that stands at `path`. */
function broken(path, text = prose(path)) {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !link.startsWith('http'));
  return links.filter((link) => {
    const [file, heading] = link.split('#');
    const target = file ? normalize(join(dirname(path), file)) : path;
    return !existsSync(join(root, target)) || (heading && target.endsWith('.md') && !anchors(target).includes(heading));
  });
}

for (const path of documents) {
  test(`every link in ${path} leads somewhere`, () => assert.deepEqual(broken(path), []));
}

test('a link that leads nowhere is found', () => {
  assert.ok(anchors('README.md').includes('start-it'));
  const text = '[a](README.md#start-it) [b](nowhere.md) [c](README.md#nowhere) [d](#nowhere) [e](https://x.example/)';
  assert.deepEqual(broken('README.md', text), ['nowhere.md', 'README.md#nowhere', '#nowhere']);
  assert.equal(anchor('`a` and [b](c): d'), 'a-and-b-d');
});
