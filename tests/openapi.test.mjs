// The OpenAPI document as a client gets it. That the service keeps to it is for `npm run conformance` to find out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorker } from './harness/index.mjs';

let worker;
before(async () => (worker = await startWorker()));
after(() => worker?.stop());

const document = () => worker.scimFetch('GET', '/openapi.json');

test('the document is OpenAPI 3.1, in JSON, and names the address that it was asked at', async () => {
  const { status, headers, body } = await document();
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(body.openapi, '3.1.0');
  assert.deepEqual(body.servers, [{ url: worker.scim }]);
});

test('it is behind the same token as everything else, and is read only', async () => {
  assert.equal((await worker.scimFetch('GET', '/openapi.json', undefined, { token: null })).status, 401);
  assert.equal((await worker.scimFetch('GET', '/openapi.json', undefined, { token: 'wrong' })).status, 401);
  const refused = await worker.scimFetch('POST', '/openapi.json', {});
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get('allow'), 'GET');
});

test('its schemas have the attributes of /Schemas, and no others', async () => {
  const { body } = await document();
  const { body: schemas } = await worker.scimFetch('GET', '/Schemas');
  const names = (urn) => schemas.Resources.find(({ id }) => id === urn).attributes.map(({ name }) => name);
  const extension = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const { UserAttributes: user, GroupAttributes: group } = body.components.schemas;
  const common = ['schemas', 'id', 'meta'];
  const listed = (kind) => [...common, ...names(`urn:ietf:params:scim:schemas:core:2.0:${kind}`)].sort();
  assert.deepEqual(Object.keys(group.properties).sort(), listed('Group'));
  assert.deepEqual(Object.keys(user.properties).sort(), [...listed('User'), extension].sort());
  assert.deepEqual(Object.keys(user.properties[extension].properties).sort(), names(extension).sort());
});

test('every verb that it names is served, and none that it does not', async () => {
  const { body } = await document();
  const { body: created } = await worker.scimFetch('POST', '/Users', { userName: 'verbs' });
  const values = { id: created.id, name: 'User', urn: 'urn:ietf:params:scim:schemas:core:2.0:User' };
  for (const [path, operations] of Object.entries(body.paths)) {
    const at = path.replace(/\{(\w+)\}/, (_, name) => values[name]);
    for (const verb of ['get', 'post', 'put', 'patch', 'delete']) {
      const { status } = await worker.scimFetch(verb.toUpperCase(), at, verb === 'get' || verb === 'delete' ? undefined : {});
      assert.equal(status === 405, !(verb in operations), `${verb} ${path}: ${status}`);
    }
  }
});
