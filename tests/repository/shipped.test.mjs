// The Worker that ships: it has nothing of what `npm run conformance` switches on to test it (scripts/conformance/full-build.mjs).

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertError } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const root = new URL('../../', import.meta.url);
const text = (path) => readFileSync(new URL(path, root), 'utf8');

let worker;
serve((started) => (worker = started));

test('the resource types of the examples are switched off', async () => {
  const folders = readdirSync(new URL('examples/resource-types/', root), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.ok(folders.length >= 4);
  for (const { name } of folders) {
    const { endpoint } = JSON.parse(text(`examples/resource-types/${name}/resource-type.json`));
    for (const [method, body] of [['GET'], ['POST', {}]]) assertError(await worker.scimFetch(method, endpoint, body), 404);
  }
  const { body } = await worker.scimFetch('GET', '/ResourceTypes');
  assert.deepEqual(body.Resources.map(({ name }) => name), ['User', 'Group']);
});

test('the contract of a database has neither an endpoint nor code', async () => {
  const answer = await fetch(`${worker.url}/contract`);
  assert.equal(answer.status, 404);
  assert.equal((await answer.json()).detail, 'the service is at `/scim/v2`');
  assert.ok(!readFileSync(new URL('build/index_bg.wasm', root)).includes('contract-of-database'));
  const features = text('Cargo.toml').match(/^\[features\]\n([^[]*)/m)[1];
  assert.deepEqual([...features.matchAll(/^(\w+) =/gm)].map(([, name]) => name), ['contract'], 'a feature that is on by default is named `default`');
});
