// The OpenAPI document as a client gets it. `npm run conformance` checks that the service keeps to it, and that
// clients can be generated from it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../harness/serve.mjs';

let worker;
serve((started) => (worker = started));

const document = () => worker.scimFetch('GET', '/openapi.json');

test('the document is OpenAPI 3.1, in JSON, and has the address that the client used', async () => {
  const { status, headers, body } = await document();
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(body.openapi, '3.1.0');
  assert.deepEqual(body.servers, [{ url: worker.scim }]);
});

test('it needs the same token as the resources, and is read only', async () => {
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
  const { User, UserRequest, Group, GroupRequest, EnterpriseUser } = body.components.schemas;
  const common = ['schemas', 'id', 'meta'];
  const listed = (kind, more, but) =>
    [...common, ...names(`urn:ietf:params:scim:schemas:core:2.0:${kind}`), ...more].filter((name) => !but.includes(name)).sort();
  const has = ({ properties }, expected) => assert.deepEqual(Object.keys(properties).sort(), expected);
  // writeOnly attributes are not in the answer's schema, and readOnly ones not in the one that is sent.
  has(Group, listed('Group', [], []));
  has(GroupRequest, listed('Group', [], ['id', 'meta']));
  has(User, listed('User', [extension], ['password']));
  has(UserRequest, listed('User', [extension], ['id', 'meta', 'groups']));
  has(EnterpriseUser, names(extension).sort());
  assert.deepEqual(User.properties[extension], { $ref: '#/components/schemas/EnterpriseUser' });
});

test('it says its license, which endpoints need no token, and what is in `schemas`', async () => {
  const { body } = await document();
  assert.deepEqual(body.info.license, { name: 'MIT or Apache-2.0', identifier: 'MIT OR Apache-2.0' });
  assert.deepEqual(body.security, [{ token: [] }]);
  for (const [path, operations] of Object.entries(body.paths)) {
    for (const [verb, { security, responses }] of Object.entries(operations)) {
      const at = path.replace('{name}', 'User').replace('{urn}', 'urn:ietf:params:scim:schemas:core:2.0:User').replace('{id}', 'x');
      const { status } = await worker.scimFetch(verb.toUpperCase(), at, ['get', 'delete'].includes(verb) ? undefined : {}, { token: null });
      assert.deepEqual([status, security], status === 401 ? [401, undefined] : [200, []], `${verb} ${path}`);
      assert.equal('401' in responses, status === 401, `${verb} ${path}`);
    }
  }
  const { schemas } = body.components.schemas.PatchRequest.properties;
  assert.deepEqual(schemas, { type: 'array', items: { type: 'string', enum: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] }, minItems: 1 });
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
