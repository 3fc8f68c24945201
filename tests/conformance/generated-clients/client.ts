// Asks a Worker by the client that @hey-api/openapi-ts makes of its OpenAPI document: BASE_URL TOKEN. The client is the
// folder `scim-client` beside this file, which is compiled with it, strictly: so the types fit as well.
// Prints a line a step, and ends with 1 where one fails.

import * as scim from './scim-client/index';
import { client } from './scim-client/client.gen';

declare const process: { argv: string[]; exitCode: number };

const [baseUrl, token] = process.argv.slice(2) as [string, string];
client.setConfig({ baseUrl, auth: () => token });

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function step(name: string, isRight: boolean | undefined) {
  console.log(isRight ? 'ok  ' : 'FAIL', name);
  if (!isRight) process.exitCode = 1;
}
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

const patch = (...Operations: scim.PatchOperation[]): scim.PatchRequest => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

async function users(): Promise<string> {
  const emails = [{ primary: true, type: 'work', value: 'eve@example.com' }];
  const body = { schemas: [USER], userName: 'eve@example.com', active: true, name: { givenName: 'Eve' }, emails, [ENTERPRISE]: { department: 'R' } };
  const made = (await scim.createUser({ body })).data!;
  step('create a user', made.userName === body.userName && made.emails?.[0]?.value === 'eve@example.com' && made[ENTERPRISE]?.department === 'R');
  const path = { id: made.id };
  const read = await scim.getUser({ path });
  step('read a user', same(read.data, made));
  const changed = await scim.changeUser({
    path,
    body: patch(
      { op: 'replace', path: 'active', value: false },
      { op: 'add', path: 'emails', value: [{ type: 'home', value: 'home@example.com' }] },
      { op: 'replace', value: { title: 'T', 'name.familyName': 'L' } },
      { op: 'remove', path: 'name.givenName' },
    ),
  });
  const user = changed.data as scim.User;
  step('PATCH a user', same([user.active, user.title, user.emails?.map(({ type }) => type), user.name], [false, 'T', ['work', 'home'], { familyName: 'L' }]));
  const replaced = (await scim.replaceUser({ path, body: { userName: 'eve', displayName: 'Eve' } })).data;
  step('PUT a user', same([replaced?.userName, replaced?.displayName, replaced?.title], ['eve', 'Eve', undefined]));
  const { error, response } = await scim.createUser({ body: { userName: 'EVE' } });
  step('read a refusal', response?.status === 409 && (error as scim.Error).scimType === 'uniqueness');
  return made.id;
}

async function lists(id: string) {
  const filter = 'userName eq "eve"';
  const listed = (await scim.listUsers({ query: { filter, count: 5 } })).data;
  step('list users', listed?.totalResults === 1 && listed.Resources[0]?.id === id);
  const schemas: scim.SearchRequest['schemas'] = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
  const found = await scim.searchUsers({ body: { schemas, filter, attributes: ['userName'] } });
  step('search users', found.data?.Resources[0]?.userName === 'eve');
}

async function groups(id: string) {
  const made = (await scim.createGroup({ body: { displayName: 'E' } })).data!;
  step('create a group', made.displayName === 'E' && same(made.members, []));
  const path = { id: made.id };
  const changed = await scim.changeGroup({ path, body: patch({ op: 'add', path: 'members', value: [{ value: id }] }) });
  const read = await scim.getGroup({ path });
  step('PATCH a group', changed.response?.status === 204 && same(read.data?.members?.map(({ value }) => value), [id]));
  const replaced = await scim.replaceGroup({ path, body: { displayName: 'F', members: [{ value: id }] } });
  step('PUT a group', replaced.data?.displayName === 'F' && replaced.data.members?.[0]?.display === 'Eve');
  const found = await scim.listGroups({ query: { filter: `members eq "${id}"` } });
  step('list groups', same(found.data?.Resources.map((group) => group.id), [made.id]));
  const deleted = await scim.deleteGroup({ path });
  step('delete a group', deleted.response?.status === 204 && (await scim.getGroup({ path })).response?.status === 404);
}

async function others(id: string) {
  const bulk = await scim.bulk({
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [{ method: 'POST', path: '/Users', bulkId: 'b', data: { userName: 'bulk of eve' } }],
    },
  });
  step('send a bulk', same(bulk.data?.Operations.map(({ bulkId, status }) => [bulkId, status]), [['b', '201']]));
  client.setConfig({ auth: undefined });
  const config = (await scim.getServiceProviderConfig()).data;
  step('read what the service can do, without a token', config?.patch.supported && config.bulk.maxOperations > 0);
  const types = (await scim.listResourceTypes()).data?.Resources.map(({ name }) => name);
  const ids = (await scim.listSchemas()).data?.Resources.map((schema) => schema.id);
  step('read resource types and schemas, without a token', same(types, ['User', 'Group']) && ids?.includes(USER));
  client.setConfig({ auth: () => token });
  const deleted = await scim.deleteUser({ path: { id } });
  step('delete a user', deleted.response?.status === 204 && (await scim.getUser({ path: { id } })).response?.status === 404);
}

async function all() {
  const id = await users();
  await lists(id);
  await groups(id);
  await others(id);
}

all().catch((error: unknown) => {
  console.log('FAIL', error);
  process.exitCode = 1;
});
