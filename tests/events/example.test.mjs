// The example of docs/EVENTS.md: it begins with a snapshot, follows, and goes on after a restart.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { reader } from '../harness/events.mjs';
import { scimClient } from '../harness/index.mjs';
import { patch, replace } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const program = fileURLToPath(new URL('../../examples/events/follow.ts', import.meta.url));
let worker;
let folder;
const children = [];
// A test that has failed does not stop its program, whose requests would keep the Worker from its end.
after(() => children.forEach((child) => child.kill('SIGKILL')));
serve((started) => {
  worker = started;
  folder = mkdtempSync(join(tmpdir(), 'scim-edge-follow-'));
}, withAdmin, () => folder && rmSync(folder, { recursive: true, force: true }));

/** Starts the program. `until` resolves when it has printed a line that matches. */
function start(token) {
  const env = { ...process.env, EVENTS: `${worker.url}/acme/events`, TOKEN: token, NODE_NO_WARNINGS: '1' };
  const child = spawn(process.execPath, [program, join(folder, 'copy.json')], { env });
  children.push(child);
  let output = '';
  const ended = new Promise((resolve) => child.on('close', resolve));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const until = async (line) => {
    for (let tries = 0; !line.test(output); tries += 1) {
      assert.ok(tries < 400 && child.exitCode === null, output);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return output;
  };
  return { until, stop: () => child.kill('SIGKILL') && ended };
}

const copy = () => JSON.parse(readFileSync(join(folder, 'copy.json'), 'utf8'));
const has = async (what) => {
  for (let tries = 0; ; tries += 1) {
    try {
      if (what(copy())) return;
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    assert.ok(tries < 400, 'the copy did not become what was expected');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

test('the example keeps a copy over restarts, and sees that it is in sync', { timeout: 60_000 }, async () => {
  const acme = await newTenant(worker, 'acme');
  const { token } = await reader(worker, 'acme');
  const { body: ada } = await acme.scimFetch('POST', '/Users', { userName: 'ada' });
  const first = start(token);
  await has(({ resources }) => resources[`User/${ada.id}`]?.attributes.userName === 'ada');
  const { body: group } = await acme.scimFetch('POST', '/Groups', { displayName: 'Sales', members: [{ value: ada.id }] });
  await first.until(/: 2 resources, in sync: true/);
  // The program says so before it writes the file.
  await has(({ resources }) => isDeepStrictEqual(resources[`Group/${group.id}`]?.members, [ada.id]));
  await first.stop();
  await acme.scimFetch('PATCH', `/Users/${ada.id}`, patch(replace('title', 'Head')));
  await acme.scimFetch('POST', '/Users', { userName: 'bob' });
  const second = start(token);
  await second.until(/: 3 resources, in sync: true/);
  await has(({ resources }) => resources[`User/${ada.id}`].attributes.title === 'Head');
  await acme.scimFetch('DELETE', `/Users/${ada.id}`);
  await second.until(/: 2 resources, in sync: true/);
  await has(({ resources }) => isDeepStrictEqual(resources[`Group/${group.id}`].members, []));
  await second.stop();
});

test('the example begins anew where the events after its place were trimmed', { timeout: 60_000 }, async () => {
  const { token } = await reader(worker, 'acme');
  const { body: made } = await adminClient(worker)('POST', '/tenants/acme/tokens', {});
  const { body } = await scimClient(`${worker.url}/acme/scim/v2`, made.token)('POST', '/Users', { userName: 'missed' });
  for (const sql of ["INSERT INTO logs (tenant, trimmed) SELECT 'acme', max(seq) FROM changes WHERE tenant = 'acme'", "DELETE FROM changes WHERE tenant = 'acme'"]) {
    await worker.d1.prepare(sql).run();
  }
  const third = start(token);
  await has(({ resources }) => resources[`User/${body.id}`]?.attributes.userName === 'missed');
  await third.stop();
});
