// Which clients are authenticated and which are not (RFC 6750, RFC 7644 s2), and that no secret is ever written to
// the log.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker } from '../harness/index.mjs';
import { lineWith } from '../harness/log.mjs';
import { assertError, assertUnharmed, patch, replace, urn } from '../harness/scim.mjs';

const token = 'Tok3n-of-the-test_with.every~kind+of/character==';
const missing = { challenge: 'Bearer realm="scim"', detail: 'a bearer token is needed' };
const invalid = { challenge: 'Bearer realm="scim", error="invalid_token"', detail: 'the bearer token is not valid' };

// `silent` demands that the log has only the lines of requests; lines may arrive after the answers.
async function withWorker({ silent = false, ...options }, body) {
  const worker = await startWorker(options);
  try {
    const asAuthorized = (authorization, method = 'GET', path = '/Users', content) =>
      worker.scimFetch(method, path, content, { token: null, headers: authorization === undefined ? {} : { authorization } });
    await body({ ...worker, asAuthorized });
  } finally {
    await worker.stop();
  }
  assertUnharmed(worker);
  if (silent) assert.deepEqual(errors(worker.logs), []);
}

/** Returns the lines about problems. */
const errors = (logs) => logs.filter(({ message }) => JSON.parse(message).level !== 'info');

function assertRefused(answer, { challenge, detail }) {
  assertError(answer, 401, undefined, detail);
  assert.equal(answer.headers.get('www-authenticate'), challenge);
}

test('without a token, and with credentials of another scheme, the answer is 401 and names the scheme', () =>
  withWorker({ token, silent: true }, async ({ asAuthorized }) => {
    for (const authorization of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      token,
      `Basic ${btoa(`user:${token}`)}`,
      `Token ${token}`,
      `Bearer${token}`,
      `Bearer:${token}`,
    ]) {
      assertRefused(await asAuthorized(authorization), missing);
    }
  }));

test('every verb and every path below the base is refused alike, whether it is there or not, but for reading discovery', () =>
  withWorker({ token }, async ({ asAuthorized, scimFetch, d1 }) => {
    const { body } = await scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'kept' });
    const requests = [
      ['GET', '/openapi.json'],
      ['POST', '/ServiceProviderConfig', {}],
      ['PUT', '/Schemas', {}],
      ['DELETE', '/ResourceTypes'],
      ['GET', '/Users?filter=broken'],
      ['GET', `/Users/${body.id}`],
      ['GET', '/Users/unknown'],
      ['GET', '/NoSuchEndpoint'],
      ['DELETE', `/Users/${body.id}`],
      ['PATCH', `/Users/${body.id}`, patch(replace('title', 'x'))],
      ['PUT', `/Users/${body.id}`, { userName: 'y' }],
      ['POST', '/Users', { userName: 'z' }],
      ['POST', '/Users', 'no JSON'],
      ['POST', '/Bulk', {}],
      ['POST', '/Groups', { displayName: 'g' }],
    ];
    for (const request of requests) {
      assertRefused(await asAuthorized(undefined, ...request), missing);
      assertRefused(await asAuthorized('Bearer wrong', ...request), invalid);
    }
    const { results } = await d1.prepare('SELECT id, version FROM resources').all();
    assert.deepEqual(results, [{ id: body.id, version: 1 }]);
  }));

test('a token that is nearly right is wrong', () =>
  withWorker({ token, silent: true }, async ({ asAuthorized, scimFetch }) => {
    const wrong = [
      'x',
      token.slice(0, -1),
      token.slice(1),
      `${token}x`,
      `x${token}`,
      token.toUpperCase(),
      token.toLowerCase(),
      `"${token}"`,
      `${token},${token}`,
      `${token} ${token}`,
      `${token.slice(0, 5)} ${token.slice(5)}`,
      encodeURIComponent(token),
      'x'.repeat(10_000),
      '\u00fc\u00ff',
    ];
    for (const candidate of wrong) assertRefused(await asAuthorized(`Bearer ${candidate}`), invalid);
    assertRefused(
      await scimFetch('GET', `/Users?access_token=${encodeURIComponent(token)}`, undefined, { token: null }),
      missing,
    );
  }));

test('the right token is let in, whatever the letter case of its scheme', () =>
  withWorker({ token }, async ({ asAuthorized }) => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR'])
      assert.equal((await asAuthorized(`${scheme} ${token}`)).status, 200);
    assert.equal((await asAuthorized(`Bearer   ${token}  `)).status, 200);
  }));

for (const [name, space] of Object.entries({
  'a blank': ' ',
  'a new line': '\n',
  'a new line of Windows': '\r\n',
  'much white space': ' \t\n ',
})) {
  test(`a secret of two tokens with ${name} between them accepts each, and neither half of one nor both at once`, () =>
    withWorker({ token: `${space}first-token${space}second-token${space}` }, async ({ asAuthorized }) => {
      for (const right of ['first-token', 'second-token']) assert.equal((await asAuthorized(`Bearer ${right}`)).status, 200);
      for (const wrong of [
        'first',
        'token',
        'first-token second-token',
        'first-token\tsecond-token',
        'first-tokensecond-token',
        'third-token',
      ]) {
        assertRefused(await asAuthorized(`Bearer ${wrong}`), invalid);
      }
      assertRefused(await asAuthorized(undefined), missing);
    }));
}

for (const [name, secret] of Object.entries({ 'no secret': null, 'an empty secret': '', 'a blank secret': ' \n\t ' })) {
  test(`with ${name} every client is refused, and the log alone says why`, () =>
    withWorker({ token: secret }, async ({ asAuthorized, logs }) => {
      const sent = ['Bearer guessed-token', 'Bearer ', 'Bearer undefined', 'Bearer null', undefined, 'Basic Og=='];
      for (const authorization of sent) {
        const answer = await asAuthorized(authorization, 'GET', '/openapi.json');
        assertError(answer, 401, undefined, undefined);
        assert.match(answer.headers.get('www-authenticate'), /^Bearer realm="scim"/);
        assert.doesNotMatch(answer.text, /secret|SCIM_TOKEN/i);
      }
      await lineWith({ logs }, () => errors(logs).length >= sent.length);
      assert.equal(errors(logs).length, sent.length);
      for (const { level, message } of errors(logs)) {
        assert.equal(level, 'error');
        const { correlationId, ...line } = JSON.parse(message);
        assert.deepEqual(line, { level: 'error', message: 'the secret SCIM_TOKEN is not set, so every request that needs it is refused' });
        assert.match(correlationId, /^[0-9a-f-]{36}$/);
      }
      assert.ok(!JSON.stringify(logs).includes('guessed-token'));
    }));
}

test('a failure of the database is a 500 that tells the client an id, the log the reason, and neither a secret', () =>
  withWorker({ token }, async ({ scimFetch, d1, logs }) => {
    const password = 'pass-Word-of-the-test-1';
    const { body } = await scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'ada', password });
    await d1.exec('ALTER TABLE resources RENAME TO gone');
    const requests = [
      ['GET', `/Users/${body.id}`],
      ['POST', '/Users', { schemas: [urn.user], userName: 'personal-name', password }],
      ['DELETE', `/Users/${body.id}`],
      ['PATCH', `/Users/${body.id}`, patch(replace('password', password), replace('title', 'personal-name'))],
      ['GET', '/Users?filter=userName%20eq%20%22personal-name%22'],
    ];
    for (const request of requests) {
      const answer = await scimFetch(...request);
      assertError(answer, 500, undefined, /^the service failed; its operator finds the reason under `[0-9a-f-]{36}`$/);
      const [id] = answer.body.detail.match(/[0-9a-f-]{36}/);
      const line = await lineWith({ logs }, ({ level, correlationId }) => level === 'error' && correlationId === id);
      assert.match(line.message, /^the database failed: .*no such table/);
    }
    for (const secret of [token, password, 'personal-name'])
      assert.ok(!JSON.stringify(logs).includes(secret), `the log holds ${secret}`);
    await d1.exec('ALTER TABLE gone RENAME TO resources');
    assert.equal((await scimFetch('GET', `/Users/${body.id}`)).status, 200);
  }));

test('no log line holds a token, whatever request it was that came with it', () =>
  withWorker({ token, silent: true }, async ({ asAuthorized, logs }) => {
    let sent = 0;
    for (const authorization of [`Bearer ${token}`, `Bearer ${token}x`, `Basic ${token}`]) {
      for (const request of [
        ['GET', '/Users'],
        ['POST', '/Users', '{"broken'],
        ['GET', `/Users/${token.slice(0, 9)}`],
        ['GET', '/Users?filter=x'],
        ['POST', '/Users', { userName: 'a', password: 'hidden-Pass-1' }],
      ]) {
        await asAuthorized(authorization, ...request);
        sent += 1;
      }
    }
    await lineWith({ logs }, () => logs.length >= sent);
    for (const secret of [token, token.slice(0, 9), 'hidden-Pass-1'])
      assert.ok(!JSON.stringify(logs).includes(secret), `the log holds ${secret}`);
  }));
