// The pages of users and groups: the search, one of them with its history, and the erasure of a person.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTenant, withAdmin } from '../harness/admin.mjs';
import { oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { assertNoMarkup, assertShownAsText, hostileName } from '../harness/hostile-names.mjs';
import { add, bulk, patch, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let vendor;
let acme;
let umbra;

serve(async (started) => {
  worker = started;
  [acme, umbra] = [await newTenant(worker, 'acme'), await newTenant(worker, 'umbra')];
  vendor = await signedIn(worker, await oneTimeLink(worker));
}, withAdmin);

async function open(path, status = 200, one = vendor) {
  const answer = await one.get(`/console/${path}`);
  assert.equal(answer.status, status, answer.text);
  return answer.text;
}

const post = async (tenant, path, body) => {
  const answer = await tenant.scimFetch('POST', path, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
};

/** Returns the rows of the first table with names: the text of each cell. */
const rowsOf = (html) => [...html.matchAll(/<tr><th scope="row">(.*?)<\/tr>/gs)].map(([, row]) => row.split(/<\/t[hd]>/).map((cell) => cell.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim()));
const namesOf = (html) => rowsOf(html).map(([name]) => name);
const linkOf = (html, words) => html.match(new RegExp(`href="([^"]*)"[^>]*>${words}<`))?.[1]?.replaceAll(/&amp;|&#38;/g, '&');
const find = async (section, q) => namesOf(await open(`acme/${section}?${new URLSearchParams({ q })}`));
const formToken = (html) => html.match(/name="form_token" value="([^"]*)"/)[1];

test('an empty directory says what to do next', async () => {
  assert.match(await open('umbra/users'), /No user is here yet.*href="\/console\/umbra\/connect"/s);
  assert.match(await open('umbra/groups'), /No group is here yet/);
});

test('a person is found by the beginning of a name, an e-mail address, an id, or a filter of SCIM', async () => {
  const marine = await post(acme, '/Users', { userName: 'marine@acme.example', displayName: 'Marine Le Pen', emails: [{ value: 'mlp@mail.example' }], externalId: 'e-17' });
  const ada = await post(acme, '/Users', { userName: 'ada@acme.example', displayName: 'Ada Lovelace', title: 'Lead engineer', active: false });
  await post(acme, '/Users', { userName: 'o"neill\\x', name: { formatted: 'Mary-Jane' }, emails: [{ value: 'marine.fan@mail.example' }] });
  await post(acme, '/Groups', { displayName: 'Sales EMEA', members: [{ value: ada }, { value: marine }] });
  await post(acme, '/Groups', { displayName: 'Engineering' });
  assert.deepEqual(await find('users', ''), ['Marine Le Pen', 'Ada Lovelace', 'Mary-Jane']);
  for (const [q, names] of [
    ['ADA', ['Ada Lovelace']],
    ['ada love', ['Ada Lovelace']],
    ['  Marine Le Pen ', ['Marine Le Pen']],
    ['mlp@mail', ['Marine Le Pen']],
    ['e-17', ['Marine Le Pen']],
    [ada, ['Ada Lovelace']],
    ['active eq false', ['Ada Lovelace']],
    ['title pr', ['Ada Lovelace']],
    ['title co "lead" and active eq false', ['Ada Lovelace']],
    ['userName eq "o\\"neill\\\\x"', ['Mary-Jane']],
    ['marine', ['Marine Le Pen', 'Mary-Jane']],
    ['lovelace', []],
    ['%_*', []],
  ]) assert.deepEqual(await find('users', q), names, q);
  assert.deepEqual(await find('groups', 'sales'), ['Sales EMEA']);
  assert.deepEqual(await find('groups', `members.value eq "${ada}"`), ['Sales EMEA']);
  const html = await open('acme/users?q=ada');
  assert.match(html, /1 users? found/);
  assert.deepEqual(rowsOf(html)[0].slice(0, 4), ['Ada Lovelace', 'ada @acme.example', 'disabled', `…${ada.slice(-8)}`]);
  const groups = rowsOf(await open('acme/groups'));
  assert.deepEqual(groups.map(([name, members]) => [name, members]), [['Sales EMEA', '2'], ['Engineering', '0']]);
  assert.match(await open('acme/users?q=zzz'), /No user fits/);
});

test('a filter that is refused is shown with the reason', async () => {
  for (const [q, words] of [
    ['userName qe "ada"', /qe/],
    ['shoeSize eq 42', /shoeSize/],
    ['userName eq "ada', /role="alert"/],
    [Array.from({ length: 200 }, (_, number) => `title co "${number}"`).join(' or '), /role="alert"|No user fits/],
  ]) {
    const { status, text } = await vendor.get(`/console/acme/users?${new URLSearchParams({ q })}`);
    assert.ok([200, 400].includes(status), text);
    assert.match(text, words);
    assert.equal(/No user fits/.test(text), status === 200, 'a problem and no answer');
    assert.match(text, /name="q" type="search" value="[^"]/);
  }
  assert.match(await open('acme/users?cursor=x', 400), /The cursor was not issued by this service/);
});

test('the list goes on page by page, of a search too', async () => {
  const users = Array.from({ length: 120 }, (_, number) => ({ method: 'POST', path: '/Users', bulkId: `b${number}`, data: { schemas: [urn.user], userName: `u${String(number).padStart(3, '0')}` } }));
  const { status, text } = await umbra.scimFetch('POST', '/Bulk', bulk(users));
  assert.equal(status, 200, text);
  for (const [path, count, words] of [['umbra/users', 120, /120 users, as of/], ['umbra/users?q=u0', 100, /The users that fit, as of/], [`umbra/users?${new URLSearchParams({ q: 'userName sw "u0"' })}`, 100, /100 users found/]]) {
    const found = [];
    let html = await open(path);
    assert.match(html, words);
    assert.ok(html.length < 30_000, `a page of ${html.length} bytes`);
    for (;;) {
      found.push(...namesOf(html));
      const next = linkOf(html, 'Next page');
      if (!next) break;
      html = await open(next.replace('/console/', ''));
    }
    assert.deepEqual(found, users.slice(0, count).map(({ data }) => data.userName), path);
  }
});

test('one person: all attributes, the groups, and a history that goes back page by page', async () => {
  const body = { userName: 'grace', displayName: 'Grace', emails: [{ type: 'work', value: 'g@a.example', primary: true }], [urn.enterprise]: { department: 'Navy' } };
  const grace = await post(acme, '/Users', { schemas: [urn.user, urn.enterprise], ...body });
  const group = await post(acme, '/Groups', { displayName: 'Compilers', members: [{ value: grace }] });
  for (let number = 0; number < 25; number += 1) await acme.scimFetch('PATCH', `/Users/${grace}`, patch(replace('title', `title ${number}`)));
  await acme.scimFetch('PATCH', `/Users/${grace}`, patch(replace('active', false), add(`${urn.enterprise}:department`, 'Retired')));
  const html = await open(`acme/users/${grace}`);
  for (const [path, value] of [['userName', 'grace'], ['active', 'false'], ['emails[type eq &#34;work&#34;].value', 'g@a.example'], [`${urn.enterprise}:department`, 'Retired'], ['meta.version', 'W/&#34;27&#34;']]) {
    assert.ok(html.includes(`<th scope="row"><code>${path}</code></th><td><bdi>${value}</bdi></td>`), `${path} in ${html}`);
  }
  assert.match(html, new RegExp(`<a href="/console/acme/groups/${group}"><bdi>Compilers</bdi>`));
  assert.match(html, /<span class="state off">disabled<\/span>/);
  assert.ok(html.includes(`<a href="/console/acme/roles?person=${grace}">Roles that these groups give</a>`));
  const history = rowsOf(html.slice(0, html.indexOf('<h2>Attributes')));
  assert.equal(history.length, 20);
  assert.match(history[0][0], /^updated .*by test$/);
  assert.match(history[0][1], /active true false/);
  assert.match(history[0][1], /department Navy Retired/);
  assert.match(history[1][1], /title title 23 title 24/);
  const older = linkOf(html, 'Older changes');
  assert.match(older, new RegExp(`^/console/acme/users/${grace}\\?cursor=.*#history$`));
  const further = await open(older.replace('/console/', ''));
  const rest = rowsOf(further.slice(0, further.indexOf('<h2>Attributes')));
  assert.deepEqual([rest.length, rest.at(-1)[0].split(' ')[0]], [7, 'created']);
  assert.match(rest.at(-1)[1], /with all that was sent/);

  const page = await open(`acme/groups/${group}`);
  assert.match(page, new RegExp(`<a href="/console/acme/users/${grace}"><bdi>Grace</bdi>`));
  assert.match(rowsOf(page)[0][1], /1 came/);
  await acme.scimFetch('DELETE', `/Users/${grace}`);
  const gone = await open(`acme/users/${grace}`);
  assert.match(gone, /<span class="state off">deleted<\/span>/);
  assert.match(gone, /<h1[^>]*><bdi>grace<\/bdi>/);
  assert.match(gone, /what is left of it is its history/);
});

test('of a large group the first members are shown, and how many there are', async () => {
  const users = Array.from({ length: 130 }, (_, number) => ({ method: 'POST', path: '/Users', bulkId: `b${number}`, data: { schemas: [urn.user], userName: `m${number}` } }));
  const { body } = await acme.scimFetch('POST', '/Bulk', bulk(users));
  const members = body.Operations.map(({ location }) => ({ value: location.split('/').at(-1) }));
  const group = await post(acme, '/Groups', { displayName: 'Large', members });
  const html = await open(`acme/groups/${group}`);
  assert.match(html, /And 30 more/);
  assert.ok(html.length < 40_000, `a page of ${html.length} bytes`);
  const row = rowsOf(await open('acme/groups?q=Large'))[0];
  assert.deepEqual(row.slice(0, 2), ['Large', '130']);
});

test('a page of a person with a hundred long values stays below 30 KB, and says what it leaves out', async () => {
  const [other] = [await newTenant(worker, 'long')];
  const emails = (mark) => Array.from({ length: 100 }, (_, n) => ({ value: `${n}${'<'.repeat(200)}@${mark}.example`, type: `t${n}` }));
  const id = await post(other, '/Users', { userName: 'long', displayName: '<'.repeat(1000), emails: emails('old') });
  for (let n = 0; n < 25; n += 1) assert.equal((await other.scimFetch('PATCH', `/Users/${id}`, patch(replace('emails', emails(`new${n}`))))).status, 200);
  const groups = Array.from({ length: 99 }, (_, n) => ({ method: 'POST', path: '/Groups', bulkId: `g${n}`, data: { displayName: `${n} ${'&'.repeat(900)}`, members: [{ value: id }] } }));
  assert.equal((await other.scimFetch('POST', '/Bulk', { Operations: groups })).status, 200);
  const html = await open(`long/users/${id}`);
  assert.ok(Buffer.byteLength(html) < 30_000, `${Buffer.byteLength(html)} bytes`);
  assert.match(html, new RegExp(`And \\d+ more, for which the page has no room\\. A SCIM client reads all of them by <code>GET /Users/${id}</code>\\.`));
  const [, left] = html.match(/<h2>Groups<\/h2>.*And (\d+) more, for which the page has no room\.<\/p>/s);
  assert.equal(html.match(/<h2>Groups<\/h2>.*/s)[0].match(/\/console\/long\/groups\//g).length + Number(left), 99);
});

test('hostile names are text in every column', async () => {
  const tenant = await newTenant(worker, 'hostile');
  const user = await post(tenant, '/Users', { userName: hostileName('mallory'), displayName: hostileName('display', 900), emails: [{ type: '"]<script>', value: hostileName('mail', 200) }] });
  const group = await post(tenant, '/Groups', { displayName: hostileName('group', 900), members: [{ value: user }] });
  await tenant.scimFetch('PATCH', `/Users/${user}`, patch(replace('title', hostileName('title'))));
  assertShownAsText(await vendor.get('/console/hostile/users'), 'display');
  assertShownAsText(await vendor.get('/console/hostile/users'), 'mallory');
  assertShownAsText(await vendor.get('/console/hostile/groups'), 'group');
  for (const word of ['mallory', 'display', 'title', 'group', 'mail']) assertShownAsText(await vendor.get(`/console/hostile/users/${user}`), word);
  for (const word of ['group', 'display']) assertShownAsText(await vendor.get(`/console/hostile/groups/${group}`), word);
  for (const q of [hostileName('mallory', 300), hostileName('x'), `userName eq "${hostileName('')}`]) {
    const { status, text } = await vendor.get(`/console/hostile/users?${new URLSearchParams({ q })}`);
    assert.ok([200, 400].includes(status), text);
    assertNoMarkup(text);
    assert.ok(text.includes('&#60;script'), 'it stands in the field');
  }
});

test("a customer's administrator sees the people of the own tenant alone, and erases none", async () => {
  const customer = await signedIn(worker, await setupLink(worker, 'umbra', 'Carol'));
  const own = await open('umbra/users', 200, customer);
  assert.equal(namesOf(own).length, 50);
  const mine = own.match(/\/console\/umbra\/users\/([\w-]{36})/)[1];
  const ada = (await open('acme/users?q=ada')).match(/\/console\/acme\/users\/([\w-]{36})/)[1];
  for (const path of ['acme/users', 'acme/groups', `acme/users/${ada}`, `umbra/users/${ada}`, `umbra/groups/${mine}`, 'umbra/users/none', 'umbra/users/%2e%2e%2fx', `umbra/users/${mine}/x`]) {
    assert.ok(!(await open(path, 404, customer)).includes('Lovelace'), path);
  }
  const page = await open(`umbra/users/${mine}`, 200, customer);
  assert.ok(!page.includes('/erase'));
  const form = { form_token: formToken(page), confirm: 'u000' };
  for (const path of [`umbra/users/${mine}/erase`, `acme/users/${ada}/erase`]) assert.equal((await customer.post(`/console/${path}`, form)).status, 404, path);
  await open(`umbra/users/${mine}`, 200, customer);
});

test('the vendor erases a person, whose name must be entered', async () => {
  const eve = await post(acme, '/Users', { userName: 'eve@acme.example', displayName: 'Eve' });
  await acme.scimFetch('PATCH', `/Users/${eve}`, patch(replace('title', 'Spy of old')));
  const address = `/console/acme/users/${eve}`;
  const form_token = formToken((await vendor.get(address)).text);
  for (const confirm of ['', 'Eve', 'eve']) {
    const { status, text } = await vendor.post(`${address}/erase`, { form_token, confirm });
    assert.deepEqual([status, /nothing was erased/.test(text)], [400, true], text);
  }
  assert.equal((await vendor.get(`${address}/erase`)).status, 405);
  const viewer = await signedIn(worker, await oneTimeLink(worker, 'viewer'));
  const seen = (await viewer.get(address)).text;
  assert.ok(!seen.includes('/erase'));
  assert.equal((await viewer.post(`${address}/erase`, { form_token: formToken(seen), confirm: 'eve@acme.example' })).status, 403);
  const erased = await vendor.post(`${address}/erase`, { form_token, confirm: 'eve@acme.example' });
  assert.deepEqual([erased.status, erased.location], [303, '/console/acme/users']);
  assert.equal((await acme.scimFetch('GET', `/Users/${eve}`)).status, 404);
  const left = await vendor.get(address);
  assert.ok(!/eve@acme|Spy of old/.test(left.text), left.text);
  assert.ok(!/eve@acme|Spy of old/.test((await vendor.get('/console/acme/activity/export')).text));
});
