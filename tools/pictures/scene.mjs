// A day of a few customers: what pictures of the console show. Not here: the pictures (main.mjs).

import { adminClient, newTenant } from '../../tests/harness/admin.mjs';
import { add, patch, replace, urn } from '../../tests/harness/scim.mjs';
import { scimClient } from '../../tests/harness/client.mjs';
import { startReceiver } from '../../tests/harness/receiver.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const people = [
  ['Ada Lovelace', 'Head of Research', 'Research'],
  ['Søren Kragh', 'Account Executive', 'Sales'],
  ['Mariana Souza', 'Sales Manager', 'Sales'],
  ['Kenji Tanaka', 'Field Engineer', 'Operations'],
  ['Amina Yusuf', 'Controller', 'Finance'],
  ['Łukasz Nowak', 'Engineer', 'Research'],
  ['Priya Raman', 'Senior Engineer', 'Research'],
  ['Tom Becker', 'Support Lead', 'Support'],
  ['Zoë Martin', 'Support Agent', 'Support'],
  ['Noor Haddad', 'Counsel', 'Legal'],
  ['Ines Duarte', 'Recruiter', 'People'],
  ['Grace Okafor', 'Administrator', 'IT'],
  ['Elif Çelik', 'Account Executive', 'Sales'],
  ['Jonas Lindqvist', 'Engineer', 'Research'],
  ['Mei Chen', 'Analyst', 'Finance'],
  ['Rui Alves', 'Site Manager', 'Operations'],
];
const groups = ['Sales', 'Research', 'Finance', 'Support', 'Everyone at Acme'];

const address = (name, domain) => `${name.normalize('NFD').replace(/ł/gi, 'l').replace(/ø/gi, 'o').replace(/[^A-Za-z ]/g, '').toLowerCase().replace(' ', '.')}@${domain}`;

const user = ([name, title, department], domain, number) => ({
  schemas: [urn.user, urn.enterprise],
  externalId: `00u${1000 + number}`,
  userName: address(name, domain),
  displayName: name,
  name: { givenName: name.split(' ')[0], familyName: name.split(' ')[1], formatted: name },
  title,
  active: true,
  emails: [{ type: 'work', primary: true, value: address(name, domain) }],
  [urn.enterprise]: { department, employeeNumber: `${4000 + number}` },
});

async function created(scim, path, body) {
  const answer = await scim('POST', path, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.id;
}

/** Provisions Acme: a first cycle, a day of changes, and what went wrong. Returns the ids that pages are about. */
async function provision({ scimFetch: scim }) {
  const ids = [];
  for (const [number, person] of people.entries()) ids.push(await created(scim, '/Users', user(person, 'acme.example', number)));
  const of = (department) => ids.filter((_, number) => people[number][2] === department).map((value) => ({ value }));
  const made = {};
  for (const name of groups) made[name] = await created(scim, '/Groups', { schemas: [urn.group], displayName: name, externalId: `g-${name}`, members: name.startsWith('Everyone') ? ids.map((value) => ({ value })) : of(name) });
  const [ada, soren, mariana, kenji] = ids;
  await scim('PATCH', `/Users/${ada}`, patch(replace('title', 'VP Research'), add('phoneNumbers[type eq "work"].value', '+44 20 7946 0123')));
  await scim('PATCH', `/Users/${mariana}`, patch(replace('title', 'Regional Director'), replace(`${urn.enterprise}:department`, 'Sales, Americas')));
  await scim('PATCH', `/Groups/${made.Finance}`, patch(add('members', [{ value: ada }])));
  await scim('PATCH', `/Users/${kenji}`, patch(replace('active', 'False')));
  await scim('POST', '/Users', user(people[1], 'acme.example', 90));
  await scim('PATCH', `/Users/${soren}`, patch(replace('name.giveName', 'Soren')));
  await scim('PATCH', `/Users/${soren}`, patch(replace('active', 'perhaps')));
  return { user: ada, group: made.Research, groups: made };
}

/** Spreads what has just happened over the last hours, and adds the requests of a day of cycles. */
async function age(d1, tenant, { fails = 0, since = 40, scale = 1 }) {
  const now = Date.now();
  const { results } = await d1.prepare('SELECT seq FROM changes WHERE tenant = ?1 ORDER BY seq').bind(tenant).all();
  const at = (index) => now - Math.round(((results.length - index) / (results.length + 1)) ** 2 * 20 * HOUR) - 3 * MINUTE;
  const statements = results.map(({ seq }, index) => d1.prepare('UPDATE changes SET at = ?2 WHERE seq = ?1').bind(seq, at(index)));
  for (let back = 23.6 * 60; back > since; back -= 40) {
    const minute = Math.floor((now - back * MINUTE) / MINUTE) * MINUTE;
    const wave = scale * (30 + Math.round(60 * Math.abs(Math.sin(back / 190))) + (back > 1_380 ? 160 : 0));
    const counted = [['GET Users', 200, wave], ['PATCH Users', 200, Math.round(wave / 6)], ['POST Users', 409, fails ? Math.round(wave * fails) : Math.round(back / 37) % 5 === 0 ? 2 : 0]];
    for (const [operation, status, requests] of counted) {
      if (requests) statements.push(d1.prepare('INSERT OR REPLACE INTO counters (tenant, minute, operation, status, requests) VALUES (?1, ?2, ?3, ?4, ?5)').bind(tenant, minute, operation, status, requests));
    }
  }
  const mark = 'INSERT OR REPLACE INTO marks (tenant, last_request, test_connection, first_user, first_group, cycle_began, cycle_ended, previous_began, previous_ended) VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?2, ?5, ?6)';
  statements.push(d1.prepare(mark).bind(tenant, now - 7 * MINUTE, now - 24 * HOUR, now - 11 * MINUTE, now - 51 * MINUTE, now - 47 * MINUTE));
  await d1.batch(statements);
}

/** Lets the cycle that runs go wrong. */
async function fail(d1, tenant) {
  const minute = Math.floor(Date.now() / MINUTE - 6) * MINUTE;
  const insert = d1.prepare('INSERT OR REPLACE INTO counters (tenant, minute, operation, status, requests) VALUES (?1, ?2, ?3, ?4, ?5)');
  await d1.batch([['POST Users', 409, 3_600], ['PATCH Users', 400, 240], ['GET Users', 200, 4_100]].map((row) => insert.bind(tenant, minute, ...row)));
}

async function endpointOf(admin, tenant) {
  const receiver = await startReceiver();
  const { status, body, text } = await admin('POST', `/tenants/${tenant}/endpoints`, { url: receiver.url });
  if (status !== 201) throw new Error(text);
  return { id: body.id, receiver };
}

/** Plays the scene. Returns the ids that pages are about. */
export async function play(worker) {
  const admin = adminClient(worker);
  const acme = await newTenant(worker, 'acme', { name: 'Acme Inc.' });
  const northwind = await newTenant(worker, 'northwind', { name: 'Northwind Traders' });
  await newTenant(worker, 'globex', { name: 'Globex' });
  await newTenant(worker, 'initech', { name: 'Initech' });
  const token = (await admin('POST', '/tenants/acme/tokens', { name: 'Microsoft Entra ID', expires: new Date(Date.now() + 160 * 24 * HOUR).toISOString() })).body;
  await admin('POST', '/tenants/acme/tokens', { name: 'sign-in service', scope: 'lookup', expires: new Date(Date.now() + 12 * 24 * HOUR).toISOString() });
  await admin('POST', '/tenants/acme/setup-links', { person: 'Grace Okafor of Acme' });
  await admin('PATCH', '/tenants/acme', { maxUsers: 20 });
  const { id: endpoint, receiver } = await endpointOf(admin, 'acme');
  const found = await provision({ scimFetch: scimClient(`${worker.url}/acme/scim/v2`, token.token) });
  for (const [number, person] of people.slice(3, 12).entries()) await northwind.scimFetch('POST', '/Users', user(person, 'northwind.example', number));
  for (const [group, role] of [['Finance', 'approver'], ['Research', 'editor'], ['Research', 'viewer']]) await admin('POST', '/tenants/acme/roles', { group, role });
  await worker.scheduled();
  await receiver.until(1);
  await receiver.stop();
  await admin('PATCH', '/tenants/initech', { enabled: false });
  await age(worker.d1, 'acme', {});
  await age(worker.d1, 'northwind', { fails: 0.2, scale: 24 });
  await fail(worker.d1, 'northwind');
  const change = (await worker.d1.prepare("SELECT max(seq) AS seq FROM changes WHERE tenant = 'acme' AND resource_id = ?1").bind(found.user).first('seq'));
  const refusal = await worker.d1.prepare("SELECT id FROM refusals WHERE tenant = 'acme' ORDER BY id DESC LIMIT 1 OFFSET 1").first('id');
  return { ...found, endpoint, token: token.id, change, refusal };
}
