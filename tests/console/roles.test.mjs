// The page of roles: groups that are mapped to roles of the application, and who gets what before and after it; the Admin API and the command
// line, which do the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { fromOwnPage, oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { assertShownAsText, hostileName } from '../harness/hostile-names.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let vendor;
let acme;
let ada;
let bob;
let sales;

serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  [acme] = [await newTenant(worker, 'acme'), await newTenant(worker, 'umbra')];
  const made = async (path, body) => (await acme.scimFetch('POST', path, body)).body.id;
  ada = await made('/Users', { userName: 'ada', externalId: 'e-1', roles: [{ value: 'own' }] });
  bob = await made('/Users', { userName: 'bob' });
  sales = await made('/Groups', { displayName: 'Sales', members: [{ value: ada }, { value: bob }] });
  await made('/Groups', { displayName: 'Empty' });
  vendor = await signedIn(worker, await oneTimeLink(worker, 'admin', 'Eve'));
}, withAdmin);

const page = '/console/acme/roles';
const query = (values) => `${page}?${new URLSearchParams(values)}`;

async function open(path, status = 200, one = vendor) {
  const answer = await one.get(path);
  assert.equal(answer.status, status, answer.text);
  return answer.text;
}

const textOf = (html) => html.replace(/<[^>]*>/g, ' ').replace(/&#39;/g, "'").replace(/\s+/g, ' ');

/** Returns the rows of the table with that label: the text of each cell. */
function rows(html, label) {
  const table = html.match(new RegExp(`aria-label="${label}">(.*?)</table>`, 's'))?.[1] ?? '';
  return [...table.matchAll(/<tr><th scope="row">(.*?)<\/tr>/gs)].map(([, row]) => row.split(/<\/t[hd]>/).map((cell) => textOf(cell).trim()).filter((cell) => cell));
}
const mappings = (html) => rows(html, 'Groups and roles').map(([group, role, people]) => [group, role, people]);
const people = (html) => rows(html, 'People and their roles');

async function map(group, role, one = vendor) {
  return one.post(page, { group, role, form_token: await one.token() });
}
const listed = async (tenant = 'acme') => (await admin('GET', `/tenants/${tenant}/roles`)).body.roles;
const problem = (html) => textOf(html.match(/role="alert">(.*?)<\/p>/s)?.[1] ?? '').trim();

test('a group is looked at, mapped, shown with its people, and the role is taken away again', async () => {
  assert.match(await open(page), /No group gives a role yet/);
  const before = await open(query({ group: 'sales', role: 'approver' }));
  assert.match(textOf(before), /2 people in Sales , and in groups within it, would get the role approver/);
  assert.deepEqual(people(before), [['ada', 'own by the attribute roles'], ['bob', 'none']]);
  assert.match(before, new RegExp(`name="group" value="${sales}"`));
  assert.deepEqual(await listed(), []);
  const mapped = await map(sales, 'approver');
  assert.deepEqual([mapped.status, mapped.location], [303, '/console/acme/roles?done=mapped']);
  const after = await open(mapped.location);
  assert.match(after, /The group is mapped to the role/);
  assert.deepEqual(mappings(after), [['Sales', 'approver', '2']]);
  assert.match(textOf(after), /by Eve/);
  assert.deepEqual(people(after), [['ada', 'own by the attribute roles , approver by Sales'], ['bob', 'approver by Sales']]);
  assert.match(textOf(after), /2 people get a role by a group/);
  for (const person of [ada, 'ADA', 'e-1']) assert.deepEqual(people(await open(query({ person }))).map(([name]) => name), ['ada'], person);
  const [{ id, ...mapping }] = await listed();
  assert.deepEqual(mapping, { group: { id: sales, displayName: 'Sales' }, role: 'approver', created: mapping.created, maker: 'Eve' });
  const ended = await vendor.post(`${page}/${id}/delete`, { form_token: await vendor.token() });
  assert.deepEqual([ended.status, ended.location], [303, '/console/acme/roles?done=ended']);
  assert.deepEqual(await listed(), []);
  assert.match(await open(ended.location), /does not give the role any more/);
});

test('what is wrong is said where it was entered', async () => {
  for (const [asked, status, words] of [
    [{ group: 'None', role: 'x' }, 404, 'The tenant has no group with the name or id None .'],
    [{ group: 'Sales', role: '' }, 400, 'role must have 1 to 200 characters and no control characters.'],
    [{ person: 'missing' }, 404, 'No user has the userName, externalId or id missing .'],
  ]) assert.equal(problem(await open(query(asked), status)), words);
  for (const [group, role, status, words] of [
    ['None', 'x', 404, /no group with the name or id/],
    ['Sales', 'x'.repeat(201), 400, /1 to 200 characters/],
    ['Sales', 'a\nb', 400, /no control characters/],
    ['', 'x', 404, /no group/],
  ]) {
    const answer = await map(group, role);
    assert.equal(answer.status, status, answer.text);
    assert.match(problem(answer.text), words);
  }
  const missing = await vendor.post(`${page}/none/delete`, { form_token: await vendor.token() });
  assert.equal(missing.status, 404);
  assert.match(problem(missing.text), /no group mapped to a role by none/);
  assert.deepEqual(await listed(), []);
});

test('hostile names and roles are text', async () => {
  const hostile = hostileName('Group', 900);
  const group = (await acme.scimFetch('POST', '/Groups', { displayName: hostile, members: [{ value: bob }] })).body.id;
  const role = hostileName('Role', 199);
  assert.equal((await map(group, role)).status, 303);
  for (const path of [page, query({ group, role }), query({ person: 'bob' })]) {
    const answer = await vendor.get(path);
    for (const word of ['Role', 'Group']) assertShownAsText(answer, word);
  }
  assertShownAsText(await vendor.get(`/console/acme/groups/${group}`), 'Role');
  assert.equal((await open(query({ person: '"><img src=x>' }), 404)).match(/<img/), null);
  for (const { id } of await listed()) await admin('DELETE', `/tenants/acme/roles/${id}`);
  await acme.scimFetch('DELETE', `/Groups/${group}`);
});

test('a form of another site, and one without its token, maps nothing', async () => {
  const form_token = await vendor.token();
  const fields = { group: 'Sales', role: 'approver' };
  assert.equal((await vendor.post(page, fields)).status, 403);
  assert.equal((await vendor.post(page, { ...fields, form_token }, { ...fromOwnPage, 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await vendor.get(`${page}/x/delete`)).status, 405);
  assert.equal((await vendor.get(`${page}/x`)).status, 404);
  assert.deepEqual(await listed(), []);
});

test('a viewer and the administrator of the customer see who gets what and change nothing, and another customer sees no page', async () => {
  await map('Sales', 'approver');
  const viewer = await signedIn(worker, await oneTimeLink(worker, 'viewer'));
  const [own, other] = [await signedIn(worker, await setupLink(worker, 'acme')), await signedIn(worker, await setupLink(worker, 'umbra'))];
  for (const one of [viewer, own]) {
    const html = await open(page, 200, one);
    assert.deepEqual(mappings(html), [['Sales', 'approver', '2']]);
    assert.doesNotMatch(html, /Take away|Map a group/);
    assert.equal(textOf(html).includes('by Eve'), one === viewer, 'a customer does not see who of the vendor mapped it');
    assert.equal((await map('Empty', 'x', one)).status, 403);
    const [{ id }] = await listed();
    assert.equal((await one.post(`${page}/${id}/delete`, { form_token: await one.token() })).status, 403);
  }
  const hidden = await other.get(page);
  assert.equal(hidden.status, 404);
  assert.doesNotMatch(hidden.text, /approver/);
  assert.equal((await listed()).length, 1);
});

test('a mapping is in the history of the group and in the activity', async () => {
  const [{ id }] = await listed();
  await admin('DELETE', `/tenants/acme/roles/${id}`);
  const history = textOf(await open(`/console/acme/groups/${sales}`));
  assert.match(history, /roles changed .*by administrator role approver .*roles changed/);
  const activity = await open('/console/acme/activity?operation=roles');
  assert.match(textOf(activity), /Sales roles changed took the role approver away .*Sales roles changed gave the role approver/);
  const [, change] = activity.match(/href="(\/console\/acme\/activity\/\d+)"/);
  assert.match(await open(change), /<code>role<\/code><\/th><td><del><bdi>approver<\/bdi><\/del>/);
  const lines = (await open('/console/acme/activity/export?operation=roles')).trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.slice(-2).map(({ operation, gave, took, actor }) => [operation, gave, took, actor.id]), [
    ['roles', undefined, ['approver'], 'administrator'],
    ['roles', ['approver'], undefined, 'administrator'],
  ]);
});

test('the page is one round trip, however it is asked, and reads a bounded part of a large group', async () => {
  const large = (await acme.scimFetch('POST', '/Groups', { displayName: 'Large', members: [] })).body.id;
  const fill = (from, to) =>
    worker.d1
      .prepare(
        `WITH RECURSIVE n (n) AS (SELECT ?2 UNION ALL SELECT n + 1 FROM n WHERE n < ?3)
         INSERT INTO memberships (tenant, group_id, member_id, member_type) SELECT 'acme', ?1, 'm' || n, 'User' FROM n`,
      )
      .bind(large, from, to)
      .run();
  await fill(1, 6_000);
  await map('Large', 'reader');
  const paths = [page, query({ group: 'Large', role: 'x' }), query({ person: 'ada' })];
  const costs = async (path) => {
    const { status, headers, text } = await vendor.get(path, { 'x-server-timing': '1' });
    assert.equal(status, 200, text);
    assert.ok(text.length < 30_000);
    const [trips, read] = ['round_trips', 'rows_read'].map((name) => Number(headers.get('server-timing').match(new RegExp(`${name}=(\\d+)`))[1]));
    return { trips, read, text };
  };
  const few = [];
  for (const path of paths) few.push(await costs(path));
  await fill(6_001, 60_000);
  for (const [n, path] of paths.entries()) {
    const { trips, read, text } = await costs(path);
    assert.equal(trips, 1);
    assert.ok(read <= few[n].read + 50, `${path} reads ${read} rows, and ${few[n].read} before`);
    assert.deepEqual(mappings(text), [['Large', 'reader', '1,000 or more']]);
  }
  assert.match(few[1].text, /5,000 or more people in/);
  for (const { id } of await listed()) await admin('DELETE', `/tenants/acme/roles/${id}`);
});

test('the Admin API lists, maps and ends, and says what it does not take', async () => {
  const roles = '/tenants/acme/roles';
  const made = await admin('POST', roles, { group: 'SALES', role: ' approver ' });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(made.body, { id: made.body.id, group: { id: sales, displayName: 'Sales' }, role: 'approver', created: made.body.created, maker: 'administrator' });
  const again = await admin('POST', roles, { group: sales, role: 'approver' });
  assert.deepEqual([again.status, again.body], [200, made.body]);
  assert.deepEqual((await admin('GET', roles)).body, { roles: [made.body] });
  for (const [method, path, body, status, detail] of [
    ['POST', roles, { role: 'x' }, 400, '`group` is missing: the name or id of a group'],
    ['POST', roles, { group: 'Sales' }, 400, '`role` is missing: what the members of the group get'],
    ['POST', roles, { group: 'Sales', role: 'a\u0007' }, 400, '`role` must have 1 to 200 characters and no control characters'],
    ['POST', roles, { group: 'Sales', role: 'x', people: 1 }, 400, '`people` is not known here; known are group, role'],
    ['POST', roles, { group: 'None', role: 'x' }, 404, 'the tenant has no group with the name or id `None`'],
    ['POST', '/tenants/umbra/roles', { group: sales, role: 'x' }, 404, `the tenant has no group with the name or id \`${sales}\``],
    ['DELETE', `/tenants/umbra/roles/${made.body.id}`, undefined, 404, `the tenant has no group mapped to a role by \`${made.body.id}\``],
    ['GET', '/tenants/none/roles', undefined, 404, 'there is no tenant `none`'],
  ]) {
    const answer = await admin(method, path, body);
    assert.deepEqual([answer.status, answer.body.detail], [status, detail]);
  }
  const ended = await admin('DELETE', `${roles}/${made.body.id}`);
  assert.deepEqual([ended.status, ended.body], [200, made.body]);
  assert.deepEqual((await admin('GET', roles)).body, { roles: [] });
  const audit = textOf(await open('/console/acme/audit'));
  assert.match(audit, /an administrator took a role from a group Sales to approver .*an administrator mapped a group to a role Sales to approver /);
});

test('`npm run tenant` lists, maps and ends', async () => {
  const command = tenantCommand(worker);
  try {
    assert.match(await command.done('roles', 'acme'), /no group of acme gives a role/);
    const made = await command.done('map-role', 'acme', '--group', 'Sales', '--role', 'approver');
    const [, id] = made.match(/Sales gives the role approver: (\S+)/);
    assert.match(await command.done('map-role', 'acme', '--group', sales, '--role', 'approver'), /Sales gave already the role approver/);
    assert.match(await command.done('roles', 'acme'), new RegExp(`${id}  Sales gives approver, since \\S+ by administrator`));
    assert.match(await command.done('unmap-role', 'acme', '--id', id), /Sales does not give the role approver any more/);
    for (const args of [['map-role', 'acme', '--group', 'Sales'], ['unmap-role', 'acme'], ['unmap-role', 'acme', '--id', id]]) assert.equal((await command.tenant(args)).code, 1);
  } finally {
    command.remove();
  }
});
