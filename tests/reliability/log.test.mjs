// What the operator reads about a request: one line, with counts and no personal data. And /healthz.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, adminToken, newTenant, withAdmin } from '../harness/admin.mjs';
import { startWorker } from '../harness/index.mjs';
import { signed, startIssuer } from '../harness/issuer.mjs';
import { lineOf, linesOf } from '../harness/log.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let acme;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
}, withAdmin);

/** Returns the lines of a request, by the id in its answer. */
async function lines(answer) {
  assert.match(answer.headers.get('x-correlation-id'), /^[0-9a-f-]{36}$/);
  return linesOf(worker, answer);
}

const patch = (...Operations) => ({ Operations });

test('a request leaves one line that says what it was and what it cost', async () => {
  const made = await acme.scimFetch('POST', '/Groups', { displayName: 'g' });
  const answer = await acme.scimFetch('PATCH', `/Groups/${made.body.id}`, patch({ op: 'replace', path: 'displayName', value: 'h' }), { headers: { 'X-Server-Timing': '1' } });
  const [line, ...more] = await lines(answer);
  assert.deepEqual(more, []);
  const { milliseconds, rowsRead, rowsWritten, ...rest } = line;
  assert.deepEqual(rest, {
    ...{ level: 'info', message: 'request', tenant: 'acme', operation: 'PATCH Groups', status: 204, scimType: null, limited: null },
    ...{ roundTrips: 2, correlationId: answer.headers.get('x-correlation-id') },
  });
  assert.equal(answer.headers.get('server-timing'), `d1;desc="round_trips=2 rows_read=${rowsRead} rows_written=${rowsWritten}"`);
  assert.ok(rowsRead > 0 && rowsWritten > 0 && milliseconds >= 0);
});

test('a refusal is logged with its keyword, and a wrong token with its tenant', async () => {
  const [bad] = await lines(await acme.scimFetch('GET', '/Users?filter=nonsense'));
  assert.deepEqual([bad.status, bad.scimType, bad.operation], [400, 'invalidFilter', 'GET Users']);
  const [wrong] = await lines(await acme.scimFetch('GET', '/Users', undefined, { token: 'wrong' }));
  assert.deepEqual([wrong.status, wrong.tenant], [401, 'acme']);
  const [own] = await lines(await worker.scimFetch('GET', '/Users'));
  assert.deepEqual([own.status, own.tenant], [200, 'default']);
});

test('an administrator leaves a line of what was done to whom', async () => {
  const admin = adminClient(worker);
  const [made] = await lines(await admin('POST', '/tenants', { id: 'audited' }));
  assert.deepEqual([made.operation, made.tenant, made.status], ['admin create tenant', 'audited', 201]);
  const token = await admin('POST', '/tenants/audited/tokens', {});
  const [created] = await lines(token);
  assert.deepEqual([created.operation, created.tenant, created.status], ['admin create token', 'audited', 201]);
  const [revoked] = await lines(await admin('DELETE', `/tenants/audited/tokens/${token.body.id}`));
  assert.deepEqual([revoked.operation, revoked.tenant], ['admin revoke token', 'audited']);
  assert.deepEqual([made.credential, created.credential, revoked.credential], [undefined, [token.body.id], [token.body.id]]);
  const [stranger] = await lines(await admin('GET', '/tenants', undefined, { token: 'guess' }));
  assert.deepEqual([stranger.operation, stranger.status], ['admin', 401]);
});

test('an administrator leaves the ids of the credentials that were made or ended, and of nothing else', async () => {
  const admin = adminClient(worker);
  const issuer = await startIssuer();
  try {
    const credential = async (answer) => {
      assert.ok(answer.status < 300, answer.text);
      return (await lines(answer))[0].credential;
    };
    const token = await admin('POST', '/tenants/acme/tokens', {});
    const rotated = await admin('POST', `/tenants/acme/tokens/${token.body.id}/rotate`, {});
    assert.deepEqual(await credential(rotated), [rotated.body.id, token.body.id]);
    const client = await admin('POST', '/tenants/acme/clients', {});
    const { clientId } = client.body;
    assert.deepEqual(await credential(client), [clientId, client.body.secrets[0].id]);
    const secret = await admin('POST', `/tenants/acme/clients/${clientId}/secrets`, {});
    assert.deepEqual(await credential(secret), [secret.body.id]);
    assert.deepEqual(await credential(await admin('DELETE', `/tenants/acme/clients/${clientId}/secrets/${secret.body.id}`)), [secret.body.id]);
    assert.deepEqual(await credential(await admin('DELETE', `/tenants/acme/clients/${clientId}`)), [clientId]);
    const trusted = await admin('POST', '/tenants/acme/issuers', { issuer: issuer.url, jwksUri: issuer.jwksUri, audience: 'a', subject: 's' });
    assert.deepEqual(await credential(trusted), [trusted.body.id]);
    assert.deepEqual(await credential(await admin('DELETE', `/tenants/acme/issuers/${trusted.body.id}`)), [trusted.body.id]);
    const keys = await admin('POST', '/signing-keys');
    const [key] = keys.body.signingKeys;
    assert.deepEqual(await credential(keys), [key.id]);
    assert.deepEqual(await credential(await admin('DELETE', `/signing-keys/${key.id}`)), [key.id]);
    assert.equal(await credential(await admin('GET', '/tenants/acme/clients')), undefined);
    for (const answer of [await admin('DELETE', `/tenants/acme/tokens/${acme.token}`), await admin('DELETE', '/signing-keys/unknown')]) {
      assert.equal(answer.status, 404);
      assert.equal((await lines(answer))[0].credential, undefined, 'what a client has sent in place of an id is not one');
    }
    const text = worker.logs.map(({ message }) => message).join('\n');
    for (const shown of [token.body.token, rotated.body.token, client.body.clientSecret, secret.body.clientSecret]) assert.ok(!text.includes(shown));
  } finally {
    await issuer.stop();
  }
});

test('no line holds a person, an id of one, a filter, a body or a token', async () => {
  const person = 'ada.lovelace@example.com';
  const { id } = (await acme.scimFetch('POST', '/Users', { userName: person, displayName: 'Ada Lovelace' })).body;
  const asked = [
    acme.scimFetch('GET', `/Users?filter=${encodeURIComponent(`userName eq "${person}"`)}`),
    acme.scimFetch('POST', '/Users', { userName: person }),
    acme.scimFetch('PATCH', `/Users/${id}`, patch({ op: 'replace', path: person, value: 'Ada Lovelace' })),
    acme.scimFetch('GET', `/Users/${person}`),
    acme.scimFetch('GET', `/${person}/${id}`),
    acme.scimFetch('POST', '/Bulk', { Operations: [{ method: 'POST', path: '/Users', data: { userName: person } }] }),
    fetch(`${worker.url}/${acme.token}/scim/v2/Users`, { headers: { authorization: `Bearer ${acme.token}` } }),
    fetch(`${worker.url}/${encodeURIComponent(person)}/scim/v2/Users`),
    adminClient(worker)('POST', '/tenants', { id: 'named', name: 'Ada Lovelace' }),
    adminClient(worker)('GET', '/tenants', undefined, { token: acme.token }),
  ];
  for (const answer of await Promise.all(asked)) assert.equal((await lines(answer)).length, 1);
  const text = worker.logs.map(({ message }) => message).join('\n');
  for (const secret of ['lovelace', 'Lovelace', 'example.com', id, acme.token, adminToken, 'test-token', 'userName']) {
    assert.ok(!text.includes(secret), `${secret} is in the log`);
  }
});

test('requests that fail, refused or broken inside, leave nothing in the log of what they carried', async () => {
  const [own, issuer] = await Promise.all([startWorker(withAdmin), startIssuer()]);
  try {
    const tenant = await newTenant(own, 'acme');
    const admin = adminClient(own);
    const trusted = await admin('POST', '/tenants/acme/issuers', { issuer: issuer.url, jwksUri: issuer.jwksUri, audience: 'scim', directory: 'd', subject: 's' });
    assert.equal(trusted.status, 201);
    // A different text in each place of a request.
    let marks = 0;
    const mark = () => `marked-${++marks}-x`;
    const marked = () => ({ [mark()]: mark() });
    const headers = () => ({ 'user-agent': mark(), cookie: `a=${mark()}`, 'if-match': `"${mark()}"`, 'x-forwarded-for': mark(), referer: `https://${mark()}/`, 'x-correlation-id': mark() });
    const send = async () => {
      for (const ask of [own.scimFetch, tenant.scimFetch]) {
        for (const [method, path, body] of [
          ['GET', `/Users/${mark()}?${mark()}=${mark()}`],
          ['GET', `/${mark()}/${mark()}`],
          ['GET', `/Users?filter=${mark()}`],
          ['GET', `/Users?filter=userName%20eq%20%22${mark()}%22&sortBy=${mark()}&count=${mark()}&cursor=${mark()}&attributes=${mark()}`],
          ['POST', '/Users', `{"${mark()}": ${mark()}`],
          ['POST', '/Users', { userName: { a: mark() } }],
          ['POST', '/Users', { userName: mark(), password: mark(), ...marked(), [`urn:${mark()}:User`]: marked() }],
          ['PUT', `/Users/${mark()}`, { userName: mark(), emails: [{ value: mark(), type: mark() }] }],
          ['PATCH', `/Users/${mark()}`, patch({ op: mark(), path: mark(), value: mark() })],
          ['PATCH', `/Groups/${mark()}`, patch({ op: 'add', path: 'members', value: [{ value: mark() }] })],
          ['POST', '/Groups', { displayName: mark(), members: [{ value: mark() }] }],
          ['DELETE', `/Users/${mark()}`],
          ['POST', '/.search', { filter: mark(), ...marked() }],
          ['POST', '/Bulk', { Operations: [{ method: mark(), path: mark(), bulkId: mark() }, { method: 'POST', path: '/Users', bulkId: mark(), data: { userName: mark() } }] }],
          [mark().toUpperCase(), `/Users`],
        ]) {
          await ask(method, path, body, { headers: headers() });
          await ask(method, path, body, { token: mark() });
          await ask(method, path, body, { token: `scim_${mark().padEnd(43, 'x')}` });
        }
      }
      const exp = Math.floor(Date.now() / 1000) + 600;
      const jwts = [
        { iss: mark(), aud: mark(), sub: mark(), exp },
        { iss: issuer.url, aud: mark(), sub: mark(), exp },
        { iss: issuer.url, aud: 'scim', tid: mark(), sub: mark(), exp },
        { iss: issuer.url, aud: 'scim', tid: 'd', sub: mark(), upn: mark(), exp: 1 },
        { iss: issuer.url, aud: 'scim', tid: 'd', sub: mark(), upn: mark(), exp },
      ].map((claims) => signed({ ...issuer.keys[0], kid: mark() }, claims));
      for (const token of jwts) await tenant.scimFetch('GET', '/Users', undefined, { token });
      for (const parameters of [
        { grant_type: mark() },
        { client_id: mark(), client_secret: mark() },
        { client_id: mark(), client_secret: `scims_${mark().padEnd(43, 'x')}`, scope: mark() },
        ...jwts.map((token) => ({ client_id: mark(), client_assertion: token, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' })),
      ]) {
        const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters });
        const { status } = await fetch(`${own.url}/acme/oauth2/token`, { method: 'POST', body, headers: { 'user-agent': mark() } });
        assert.ok(status >= 400, `${status}`);
      }
      for (const [method, path, body] of [
        ['GET', `/${mark()}`],
        ['GET', `/tenants?after=${mark()}`],
        ['GET', `/tenants/${mark()}_/tokens/${mark()}`],
        ['POST', '/tenants', { id: `${mark()}_`, name: mark() }],
        ['POST', '/tenants', { id: 'x', ...marked() }],
        ['POST', '/tenants/acme/tokens', { name: mark(), expires: mark() }],
        ['DELETE', `/tenants/acme/tokens/${mark()}`],
        ['GET', `/tenants/acme/export?cursor=${mark()}`],
        ['GET', `/tenants/acme/export?cursor=User~${mark()}`],
        ['POST', '/tenants/acme/import', JSON.stringify({ id: mark(), meta: { resourceType: 'User' }, userName: mark(), name: mark() })],
      ]) {
        await admin(method, path, body, { headers: headers() });
        await admin(method, path, body, { token: mark() });
      }
    };
    await send();
    for (const table of ['resources', 'memberships', 'tokens', 'tenants', 'clients', 'client_secrets', 'issuers', 'signing_keys']) await own.d1.exec(`ALTER TABLE ${table} RENAME TO ${table}_gone`);
    await send();
    const last = await own.scimFetch('GET', '/Schemas');
    assert.equal(last.status, 200);
    await lineOf(own, last);
    const text = own.logs.map(({ message }) => message).join('\n');
    assert.match(text, /"level":"error"/);
    assert.doesNotMatch(text, /marked/i);
    assert.match(text, /a token for the issuer [0-9a-f-]{36} is refused: its audience/);
    for (const secret of [tenant.token, adminToken, 'test-token', 'eyJ']) assert.ok(!text.includes(secret));
    assert.ok(marks > 400);
  } finally {
    await Promise.all([own.stop(), issuer.stop()]);
  }
});

test('healthz needs no token, and says whether D1 answers and no more', async () => {
  const own = await startWorker();
  try {
    const ask = (method) => fetch(`${own.url}/healthz`, { method });
    const well = await ask('GET');
    assert.deepEqual([well.status, well.headers.get('content-type'), await well.json()], [200, 'application/json', { status: 'ok' }]);
    assert.equal((await ask('HEAD')).status, 200);
    assert.equal((await ask('POST')).status, 405);
    await own.d1.prepare('DROP TABLE tenants').run();
    // D1's answer is reused for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    const ill = await ask('GET');
    assert.deepEqual([ill.status, await ill.json()], [503, { status: 'unavailable' }]);
  } finally {
    await own.stop();
  }
});
