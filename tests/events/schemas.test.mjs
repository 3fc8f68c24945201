// The OpenAPI document of the events: every real event and answer keeps to its JSON Schema.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { readAll, reader } from '../harness/events.mjs';
import { add, patch, remove, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let acme;
let admin;
let ask;
let document;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
  ask = await reader(worker, 'acme');
  admin = adminClient(worker);
  document = (await ask('/openapi.json')).body;
}, withAdmin);

/** Returns a function that says what is wrong with a value by the schema of that name. */
function checker(name) {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ } });
  const validate = ajv.compile({ ...document, $ref: `#/components/schemas/${name}` });
  return (value) => (validate(value) ? [] : validate.errors.map(({ instancePath, message }) => `${instancePath} ${message}`));
}

test('every type of event keeps to its schema, full and thin, and another would not', async () => {
  const made = async (path, body) => (await acme.scimFetch('POST', path, body)).body.id;
  const user = await made('/Users', { schemas: [urn.user, urn.enterprise], userName: 'ada', emails: [{ value: 'a@x.example', type: 'work' }], [urn.enterprise]: { department: 'D' } });
  const inner = await made('/Groups', { displayName: 'Inner' });
  const group = await made('/Groups', { displayName: 'Outer', externalId: 'g', members: [{ value: user }, { value: inner }] });
  for (const operations of [[replace('active', false)], [replace('active', true), add('urn:example:free:2.0:User:a.b', '1')], [replace('title', 'T')]]) {
    await acme.scimFetch('PATCH', `/Users/${user}`, patch(...operations));
  }
  const admin = adminClient(worker);
  const mapping = await admin('POST', '/tenants/acme/roles', { group: 'Outer', role: 'approver' });
  await admin('DELETE', `/tenants/acme/roles/${mapping.body.id}`);
  await admin('POST', '/tenants/acme/roles', { group: inner, role: 'reader' });
  await acme.scimFetch('PATCH', `/Groups/${inner}`, patch(add('members', [{ value: user }])));
  await acme.scimFetch('PATCH', `/Groups/${group}`, patch(replace('displayName', 'Renamed'), remove('members')));
  await acme.scimFetch('DELETE', `/Groups/${group}`);
  await acme.scimFetch('DELETE', `/Users/${user}`);
  await admin('PATCH', '/tenants/acme', { massDeprovisioning: 0 });
  await worker.scheduled();
  const { events } = await readAll(ask);
  const types = Object.keys(document.components.schemas.Event.discriminator.mapping).filter((type) => type !== 'user.erased');
  assert.deepEqual([...new Set(events.map(({ type }) => type))].sort(), types.sort());
  const joined = events.find(({ type, data }) => type === 'group.member_added' && data.group.id === inner);
  assert.deepEqual(joined.data.roles, ['reader']);
  const check = checker('Event');
  for (const event of [...events, ...(await ask('?limit=1000&payload=thin')).body.events]) assert.deepEqual(check(event), [], JSON.stringify(event));
  assert.notDeepEqual(check({ ...events[0], type: 'user.deleted' }), []);
  assert.notDeepEqual(check({ ...events[0], data: {} }), []);
});

test('a page, a digest and a refusal keep to their schemas', async () => {
  for (const [path, name] of [['?limit=2', 'Page'], ['/digest', 'Digest'], ['?limit=0', 'Error']]) {
    assert.deepEqual(checker(name)((await ask(path)).body), [], path);
  }
});
