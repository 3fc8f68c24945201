// Sessions of the console: cookies, their end, forged forms, and the headers of every page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { browser, fromOwnPage, hidden, oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;

serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  await newTenant(worker, 'acme');
}, withAdmin);

const enter = async () => signedIn(worker, await oneTimeLink(worker));

const value = (one) => one.cookies.get('scim_edge');

test('a person without a session is sent to the ways in, from every address of the console', async () => {
  for (const [method, path] of [['GET', '/console'], ['GET', '/console/'], ['HEAD', '/console/x'], ['POST', '/console/sign-out'], ['GET', '/console/tenants/acme']]) {
    const answer = await browser(worker).ask(method, path);
    assert.deepEqual([answer.status, answer.location], [303, '/console/sign-in'], path);
  }
  const page = await browser(worker).get('/console/sign-in');
  assert.equal(page.status, 200);
  assert.match(page.text, /npm run console/);
  const wrong = await browser(worker).ask('POST', '/console/sign-in', { headers: fromOwnPage });
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET']);
});

test('by https the cookie belongs to this host alone, and on this machine it has a plain name', async () => {
  const { url } = await oneTimeLink(worker);
  const redeem = { method: 'POST', body: `code=${new URL(url).searchParams.get('code')}`, redirect: 'manual', headers: { origin: 'https://scim.example.com' } };
  const answer = await worker.dispatch('https://scim.example.com/console/enter', redeem);
  assert.equal(answer.status, 303);
  const [cookie] = answer.headers.getSetCookie();
  assert.match(cookie, /^__Host-scim_edge=scimsession_[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax$/);
  const asked = (cookie) => worker.dispatch('https://scim.example.com/console', { redirect: 'manual', headers: { cookie } });
  const pair = cookie.split(';')[0];
  assert.equal((await asked(`a=b; ${pair}`)).status, 200);
  assert.equal((await asked(pair.replace('__Host-', ''))).status, 303);
  const local = await browser(worker).post('/console/enter', { code: new URL((await oneTimeLink(worker)).url).searchParams.get('code') });
  assert.match(local.headers.getSetCookie()[0], /^scim_edge=scimsession_[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; SameSite=Lax$/);
});

test('a sign-in makes a new cookie and ends the session before it, so that a planted cookie opens nothing', async () => {
  const [attacker, link] = [await enter(), await setupLink(worker, 'acme')];
  const planted = value(attacker);
  const victim = browser(worker);
  victim.cookies.set('scim_edge', planted);
  assert.equal((await victim.redeem(link.url)).status, 303);
  assert.notEqual(value(victim), planted);
  assert.match(await victim.who(), /may see and change acme/);
  assert.equal((await attacker.get('/console')).location, '/console/sign-in');
  const made = browser(worker);
  made.cookies.set('scim_edge', `scimsession_${'A'.repeat(43)}`);
  await made.redeem((await oneTimeLink(worker)).url);
  assert.notEqual(value(made), `scimsession_${'A'.repeat(43)}`);
});

test('a sign-out ends the session at once, for every copy of its cookie', async () => {
  const one = await enter();
  const copy = browser(worker);
  copy.cookies.set('scim_edge', value(one));
  assert.equal((await copy.get('/console')).status, 200);
  const answer = await one.post('/console/sign-out', { form_token: await one.token() });
  assert.deepEqual([answer.status, answer.location, one.cookies.size], [303, '/console/sign-in', 0]);
  assert.match(answer.headers.getSetCookie()[0], /^scim_edge=; Path=\/; Max-Age=0/);
  assert.equal((await copy.get('/console')).location, '/console/sign-in');
  assert.equal(copy.cookies.size, 0);
});

test('a session ends after eight hours, and when an administrator ends it', async () => {
  const one = await enter();
  const { body } = await admin('GET', '/console/sessions');
  const { id, created, expires } = body.sessions[0];
  assert.equal(Date.parse(expires) - Date.parse(created), 8 * 3_600_000);
  await worker.d1.prepare('UPDATE console_sessions SET expires = ?2 WHERE id = ?1').bind(id, Date.now() - 1).run();
  assert.equal((await one.get('/console')).location, '/console/sign-in');
  const another = await enter();
  const latest = (await admin('GET', '/console/sessions')).body.sessions[0];
  assert.ok((await admin('DELETE', `/console/sessions/${latest.id}`)).body.ended);
  assert.equal((await another.get('/console')).location, '/console/sign-in');
  assert.equal((await admin('DELETE', '/console/sessions/none')).status, 404);
});

test('a session that ended elsewhere shows pages a little longer, and a form of it changes nothing', async () => {
  const one = await enter();
  const form_token = await one.token();
  // As another instance of the Worker would do it: this one has seen the session in force.
  await worker.d1.prepare('UPDATE console_sessions SET ended = ?1 WHERE ended IS NULL').bind(Date.now()).run();
  assert.equal((await one.get('/console')).status, 200);
  const copy = browser(worker);
  copy.cookies.set('scim_edge', value(one));
  const answer = await one.post('/console', { form_token, id: 'late' });
  assert.deepEqual([answer.status, answer.location], [303, '/console/sign-in']);
  assert.equal((await admin('GET', '/tenants/late')).status, 404);
  assert.equal((await copy.get('/console')).location, '/console/sign-in');
});

test('a form needs a page of this host and the token of the session', async () => {
  const [one, other] = [await enter(), await enter()];
  const form_token = await one.token();
  assert.match(form_token, /^[0-9a-f]{64}$/);
  const refused = async (fields, headers) => {
    const answer = await one.post('/console/sign-out', fields, headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.match(answer.text, /so nothing was changed/);
    assert.equal((await one.get('/console')).status, 200);
  };
  const evil = 'https://evil.example.com';
  for (const headers of [{}, { origin: evil }, { origin: 'null' }, { origin: evil, 'sec-fetch-site': 'cross-site' }, { origin: worker.url, 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }, { origin: evil, 'sec-fetch-site': 'same-origin' }]) {
    await refused({ form_token }, headers);
  }
  for (const fields of [{}, { form_token: '' }, { form_token: form_token.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }, { form_token: await other.token() }]) {
    await refused(fields, fromOwnPage);
  }
  await refused(`form_token=${form_token}&form_token=${form_token}`, fromOwnPage);
  assert.equal((await one.post('/console/sign-out', { form_token }, { origin: worker.url })).status, 303);
  // Another site cannot sign a person in either.
  const code = new URL((await oneTimeLink(worker)).url).searchParams.get('code');
  const forced = await browser(worker).post('/console/enter', { code }, { origin: evil, 'sec-fetch-site': 'cross-site' });
  assert.deepEqual([forced.status, forced.headers.getSetCookie().length], [403, 0]);
});

test('every page, refusal and redirect of the console has the headers that keep others out', async () => {
  const one = await enter();
  const csp = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  const link = await oneTimeLink(worker);
  for (const path of ['/console', '/console/sign-in', '/console/none', link.url, '/console/enter?code=x', '/console/sign-out', '/console/assets/none']) {
    const { headers, status, text } = await one.get(path);
    assert.equal(headers.get('content-security-policy'), csp, path);
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(headers.get('cache-control'), 'no-store', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('access-control-allow-origin'), null);
    if (status !== 303) assert.equal(headers.get('content-type'), 'text/html; charset=utf-8', path);
    assert.doesNotMatch(text, /<style|style="|<script>|https?:\/\/(?!127)/, path);
  }
  assert.equal((await browser(worker).get('/console')).headers.get('content-security-policy'), csp);
});

test('a page that does not exist is 404, and a method that a page does not take is 405', async () => {
  const one = await enter();
  const form_token = await one.token();
  assert.equal((await one.get('/console/none')).status, 404);
  assert.equal((await one.post('/console/none', { form_token })).status, 404);
  const wrong = await one.post('/console/default/connect', { form_token });
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET']);
  assert.deepEqual((({ status, headers }) => [status, headers.get('allow')])(await one.get('/console/sign-out')), [405, 'POST']);
  assert.equal((await one.ask('PUT', '/console/enter')).status, 405);
  const head = await one.ask('HEAD', '/console');
  assert.deepEqual([head.status, head.text], [200, '']);
});

test('the sheet, the script and the icon are kept for a year under a name that changes with their contents', async () => {
  const { text } = await browser(worker).get('/console/sign-in');
  const names = [text.match(/href="(\/console\/assets\/console-[0-9a-f]{16}\.css)"/)[1], text.match(/src="(\/console\/assets\/console-[0-9a-f]{16}\.js)"/)[1], text.match(/<link rel="icon" type="image\/svg\+xml" href="(\/console\/assets\/icon-[0-9a-f]{16}\.svg)">/)[1]];
  for (const [name, type] of [[names[0], 'text/css; charset=utf-8'], [names[1], 'text/javascript; charset=utf-8'], [names[2], 'image/svg+xml']]) {
    const answer = await browser(worker).get(name);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, type]);
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    const tag = answer.headers.get('etag');
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`]) {
      const again = await browser(worker).get(name, { 'if-none-match': known });
      assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', tag]);
    }
    assert.equal((await browser(worker).get(name, { 'if-none-match': '"x"' })).status, 200);
    assert.equal((await browser(worker).ask('POST', name, { headers: fromOwnPage })).status, 405);
  }
  assert.ok(Buffer.byteLength((await browser(worker).get(names[2])).text) < 400);
  assert.equal((await browser(worker).get(names[0].replace(/-[0-9a-f]{4}/, '-ffff'))).status, 404);
});

test('what has expired is trimmed by the cron trigger, 90 days later', async () => {
  const long = Date.now() - 91 * 86_400_000;
  const link = await oneTimeLink(worker);
  const one = await signedIn(worker, link);
  await worker.d1.prepare('UPDATE console_links SET expires = ?1 WHERE id = ?2').bind(long, link.id).run();
  await worker.d1.prepare('UPDATE console_sessions SET expires = ?1 WHERE link = ?2').bind(long, link.id).run();
  const count = (table) => worker.d1.prepare(`SELECT count(*) AS n FROM ${table}`).first('n');
  const before = [await count('console_links'), await count('console_sessions')];
  await worker.scheduled();
  assert.deepEqual([await count('console_links'), await count('console_sessions')], before.map((number) => number - 1));
  assert.equal((await one.get('/console')).location, '/console/sign-in');
});

test('a session is looked up once by an instance, and a cookie that cannot be one costs nothing', async () => {
  const one = await enter();
  const trips = async (headers) => (await one.get('/console', { 'x-server-timing': '1', ...headers })).headers.get('server-timing').match(/round_trips=(\d+)/)[1];
  assert.deepEqual([await trips(), await trips()], ['2', '1']);
  assert.equal(await trips({ cookie: 'scim_edge=short' }), '0');
  assert.ok(hidden((await one.get('/console')).text, 'form_token'));
});
