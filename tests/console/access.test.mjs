// Vendor's staff who come by way of Cloudflare Access.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKey, signed } from '../harness/issuer.mjs';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { browser, fromOwnPage, hidden, setupLink } from '../harness/console.mjs';
import { startWorker } from '../harness/index.mjs';
import { lineWith } from '../harness/log.mjs';
import { startProvider } from '../harness/provider.mjs';
import { serve } from '../harness/serve.mjs';

const audience = 'f'.repeat(64);

let team;
let worker;

async function options() {
  team = await startProvider();
  team.keys = [newKey('access', 'RS256')];
  const vars = { ...withAdmin.vars, ACCESS_TEAM_DOMAIN: team.url, ACCESS_AUD: audience, CONSOLE_ADMINS: 'ada@example.com' };
  return { ...withAdmin, vars };
}

serve(async (started) => {
  worker = started;
  await newTenant(worker, 'acme');
}, options, () => team?.stop());

const seconds = () => Math.floor(Date.now() / 1000);

function assertion(claims = {}, key = team.keys[0]) {
  return signed(key, { iss: team.url, aud: [audience], sub: 'id', email: 'ada@example.com', iat: seconds(), exp: seconds() + 3600, type: 'app', ...claims });
}

const by = (token) => ({ 'cf-access-jwt-assertion': token });

test('a person whom Access lets pass needs no session: on the list an administrator, otherwise a viewer', async () => {
  const one = browser(worker);
  assert.match(await one.who(by(assertion())), /ada@example\.com \(may see and change every tenant\)/);
  assert.match(await one.who(by(assertion({ email: 'eve@example.com' }))), /eve@example\.com \(may see every tenant\)/);
  assert.equal(one.cookies.size, 0);
  assert.equal((await one.get('/console')).location, '/console/sign-in');
  assert.equal(team.seen.keys, 1);
});

test('an assertion of another team, application, time or key is refused', async () => {
  const one = browser(worker);
  for (const [token, why] of [
    [assertion({ iss: 'https://evil.cloudflareaccess.com' }), 'its issuer'],
    [assertion({ aud: ['another'] }), 'its audience'],
    [assertion({ exp: seconds() - 600 }), 'it has expired'],
    [assertion({}, newKey('access', 'RS256')), 'its signature'],
    [assertion({}, newKey('unknown', 'RS256')), 'its signature'],
    [assertion({ sub: '', common_name: 'a service token' }), 'it names no person'],
    ['x', 'it is not a JWT'],
  ]) {
    assert.equal((await one.get('/console', by(token))).status, 303, why);
    await lineWith(worker, ({ message }) => message.includes(`an assertion of Access is refused: ${why}`));
  }
  // A key that is not known is asked for once in a minute at most.
  assert.equal(team.seen.keys, 1);
});

test('a form is bound to the assertion, and the sign-out ends the session of Access', async () => {
  const [ada, eve] = [assertion(), assertion({ email: 'eve@example.com' })];
  const one = browser(worker);
  const form_token = hidden((await one.get('/console', by(ada))).text, 'form_token');
  assert.equal((await one.post('/console/sign-out', { form_token }, { ...fromOwnPage, ...by(eve) })).status, 403);
  assert.equal((await one.post('/console/sign-out', { form_token }, { ...by(ada), 'sec-fetch-site': 'cross-site' })).status, 403);
  const answer = await one.post('/console/sign-out', { form_token }, { ...fromOwnPage, ...by(ada) });
  assert.deepEqual([answer.status, answer.location], [303, '/cdn-cgi/access/logout']);
});

test('a session by a link comes first, and when it has ended Access counts again', async () => {
  const one = browser(worker);
  await one.redeem((await setupLink(worker, 'acme', 'Ada of Acme')).url);
  assert.match(await one.who(by(assertion())), /Ada of Acme \(may see and change acme\)/);
  const admin = adminClient(worker);
  const [{ id }] = (await admin('GET', '/console/sessions?tenant=acme')).body.sessions;
  assert.equal((await admin('DELETE', `/console/sessions/${id}`)).status, 200);
  assert.match((await one.get('/console', by(assertion()))).text, /ada@example\.com/);
});

test('without its variables the header means nothing', async () => {
  for (const missing of ['ACCESS_TEAM_DOMAIN', 'ACCESS_AUD']) {
    const vars = { ...withAdmin.vars, ACCESS_TEAM_DOMAIN: team.url, ACCESS_AUD: audience, [missing]: '' };
    const other = await startWorker({ ...withAdmin, vars });
    try {
      assert.equal((await browser(other).get('/console', by(assertion()))).status, 303);
    } finally {
      await other.stop();
    }
  }
});
