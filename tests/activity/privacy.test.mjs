// The activity holds nothing that a client sent: no name, no password, no token.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTenant, withAdmin } from '../harness/admin.mjs';
import { dump } from '../harness/dump.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let acme;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
}, withAdmin);

const patch = (...Operations) => ({ Operations });

test('nothing that was sent in a refused request is kept, whatever its form', async () => {
  let marks = 0;
  // A backtick of the client could end a quotation too early.
  const mark = (form = '-') => `zq${++marks}${form}zq`;
  const forms = ['-', ' ', '`', '` secret `', "'", '"', '\\', 'é'];
  let sent = 0;
  let refused = 0;
  const ask = async (method, path, body, options) => {
    // A tenant keeps sixty a minute.
    if (sent % 40 === 0) await newMinute();
    sent += 1;
    const { status } = await acme.scimFetch(method, path, body, options);
    if (status >= 400) refused += 1;
  };
  // Rows of the past are not counted with those of this minute.
  const newMinute = async () => {
    await worker.scheduled();
    await worker.d1.prepare('UPDATE refusals SET at = at - 600000').run();
    acme = await newTenant(worker, `acme${sent}`);
  };
  for (const form of forms) {
    const m = () => mark(form);
    const q = () => encodeURIComponent(m());
    await ask('GET', `/Users/${q()}`);
    await ask('GET', `/${q()}/${q()}`);
    await ask('GET', `/Users?filter=${q()}`);
    await ask('GET', `/Users?filter=${encodeURIComponent(`userName like "${m()}"`)}`);
    await ask('GET', `/Users?filter=${encodeURIComponent(`${m()} eq "${m()}"`)}`);
    await ask('GET', `/Users?count=${q()}`);
    await ask('GET', `/Users?cursor=${q()}`);
    await ask('POST', '/Users', `{"${m().replace(/["\\]/g, '')}": ${m()}`);
    await ask('POST', '/Users', { userName: { a: m() }, [m()]: m() });
    await ask('POST', '/Users', { userName: m(), password: { a: m() }, active: m() });
    await ask('POST', '/Users', { userName: 'zq-user', emails: m() });
    await ask('PUT', `/Users/${q()}`, { userName: m(), emails: [{ value: m(), type: m() }] });
    await ask('PATCH', '/Users/f3a1c2d4-0000-4b5c-9d6e-7f8091a2b3c4', patch({ op: m(), path: m(), value: m() }));
    await ask('PATCH', '/Users/f3a1c2d4-0000-4b5c-9d6e-7f8091a2b3c4', patch({ op: 'replace', path: `emails[type eq "${m()}"].value`, value: m() }));
    await ask('PATCH', `/Groups/${q()}`, patch({ op: 'add', path: 'members', value: [{ value: m() }] }));
    await ask('POST', '/Groups', { displayName: m(), members: [{ value: m() }] });
    await ask('DELETE', `/Users/${q()}`);
    await ask('POST', '/.search', { filter: m(), [m()]: m() });
    await ask('POST', '/Bulk', { Operations: [{ method: 'POST', path: '/Users', bulkId: m(), data: { userName: { b: m() } } }, { method: 'PATCH', path: `/Users/${m()}`, data: patch({ op: 'add', path: m(), value: m() }) }] });
    await ask('POST', '/Users', { userName: m() }, { headers: { 'content-type': 'text/zq-zq' } });
    await ask('PUT', '/Users', { userName: m() });
    const name = m();
    assert.equal((await acme.scimFetch('POST', '/Users', { userName: name })).status, 201);
    await ask('POST', '/Users', { userName: name, password: m() });
  }
  await worker.scheduled();
  const { tables } = await dump(worker.d1, { activity: true });
  assert.ok(refused > forms.length * 18, `${refused} of ${sent}`);
  assert.ok(tables.refusals.length >= refused, `${tables.refusals.length} rows of ${refused}`);
  const details = new Set(tables.refusals.map((row) => JSON.parse(row).detail));
  for (const name of ['refusals', 'counters', 'marks']) {
    const text = tables[name].join('\n');
    assert.deepEqual(text.match(/[^\n]*zq[^\n]*/gi) ?? [], [], name);
    assert.ok(!text.includes('secret'), name);
  }
  // What says where the fault is was kept.
  for (const detail of ['another User has the userName `…`', 'there is no User `…`']) assert.ok(details.has(detail), [...details].join('\n'));
  assert.ok([...details].some((detail) => detail.includes('`active`')));
});

test('no token is kept, wherever a client puts it', async () => {
  const { token, scimFetch } = await newTenant(worker, 'tokens');
  await scimFetch('GET', `/Users/${token}`);
  await scimFetch('GET', `/Users?filter=${token}`);
  await scimFetch('POST', '/Users', { userName: { a: token } });
  await scimFetch('PUT', `/Users/${token}`, { userName: token, active: token });
  await fetch(`${worker.url}/${token}/scim/v2/Users`, { headers: { authorization: `Bearer ${token}` } });
  await worker.scheduled();
  const text = JSON.stringify(await dump(worker.d1, { activity: true }));
  assert.ok(!text.includes(token));
});
