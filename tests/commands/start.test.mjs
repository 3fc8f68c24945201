// `npm start` as a newcomer runs it, with data and secrets in a folder of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
const generous = 300_000;

after(() => rmSync(home, { recursive: true, force: true }));

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// A process group of its own, as at a terminal.
function npmStart(port, extra = {}) {
  const { SCIM_TOKEN, ADMIN_TOKEN, ...env } = process.env;
  const child = spawn('npm', ['start'], {
    cwd: root,
    detached: true,
    env: { ...env, PORT: `${port}`, SCIM_EDGE_HOME: home, ...extra },
  });
  const run = { child, output: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (run.output += text));
  run.ended = new Promise((resolve) => child.on('close', resolve));
  return run;
}

async function until(what, condition) {
  for (const end = Date.now() + generous; Date.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`gave up waiting for ${what}`);
}

const ready = (run) =>
  until('the Tenant URL', () => {
    if (run.child.exitCode !== null) throw new Error(`npm start ended:\n${run.output}`);
    return run.output.includes('Tenant URL:');
  });

function groupAlive({ child }) {
  try {
    process.kill(-child.pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(run) {
  await run.ended;
  await until('the last process of npm start', () => !groupAlive(run));
}

// Ctrl-C reaches every process at the terminal; a supervisor's signal reaches npm alone.
function pressCtrlC(run) {
  process.kill(-run.child.pid, 'SIGINT');
  return ended(run);
}

function terminate(run) {
  run.child.kill('SIGTERM');
  return ended(run);
}

async function scim(port, token, method, path, body) {
  const headers = { 'content-type': 'application/scim+json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`http://127.0.0.1:${port}/scim/v2${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, body: await response.json().catch(() => undefined) };
}

const userName = 'stays@example.com';
const byName = `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`;

test('serves with a token that it made, and keeps the data between two starts', { timeout: 2 * generous }, async () => {
  const port = await freePort();
  const devVars = join(home, '.dev.vars');

  const first = npmStart(port);
  try {
    await ready(first);
    const token = readFileSync(devVars, 'utf8').match(/^SCIM_TOKEN=([0-9a-f]{64})$/m)?.[1];
    assert.ok(token, '.dev.vars holds 256 random bits');
    const adminToken = readFileSync(devVars, 'utf8').match(/^ADMIN_TOKEN=([0-9a-f]{64})$/m)?.[1];
    const admin = await fetch(`http://127.0.0.1:${port}/admin/tenants`, { headers: { authorization: `Bearer ${adminToken}` } });
    assert.equal(admin.status, 200, 'and those of the administration');
    if (process.platform !== 'win32') assert.equal(statSync(devVars).mode & 0o777, 0o600);
    assert.ok(first.output.includes(`http://127.0.0.1:${port}/scim/v2`), first.output);
    assert.ok(first.output.includes(devVars), 'it says where the token is');
    assert.ok(!first.output.includes(token), 'it does not print the token');
    const link = first.output.match(/http:\S+\/console\/enter\?code=\S+/)[0];
    const code = new URL(link).searchParams.get('code');
    const entered = await fetch(link.split('?')[0], { method: 'POST', redirect: 'manual', headers: { origin: new URL(link).origin }, body: new URLSearchParams({ code }) });
    assert.equal(entered.status, 303, 'its link opens the console');

    assert.equal((await scim(port, undefined, 'GET', '/Users')).status, 401);
    assert.equal((await scim(port, token, 'GET', '/Users')).status, 200);
    const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName };
    assert.equal((await scim(port, token, 'POST', '/Users', user)).status, 201);
  } finally {
    await pressCtrlC(first);
  }

  const second = npmStart(port, { SCIM_TOKEN: 'from-the-environment' });
  try {
    await ready(second);
    const { status, body } = await scim(port, 'from-the-environment', 'GET', byName);
    assert.equal(status, 200);
    assert.equal(body.totalResults, 1);
    assert.equal(body.Resources[0].userName, userName);
  } finally {
    await terminate(second);
  }
});

test('says so when the port is taken', { timeout: generous }, async () => {
  const other = createServer();
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address();
  const run = npmStart(port);
  const code = await run.ended;
  other.close();
  assert.notEqual(code, 0);
  assert.match(run.output, new RegExp(`port ${port} is taken`));
});
