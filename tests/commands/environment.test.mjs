// The environment of the scripts' child processes: only wrangler gets secrets, and the user's own Node is used if it
// is new enough.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isNewEnough, newerNode } from '../../scripts/lib/paths.mjs';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

const secrets = [
  ...['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL', 'CLOUDFLARE_ACCOUNT_ID', 'CF_API_TOKEN', 'CF_API_KEY'],
  ...['CF_EMAIL', 'WRANGLER_R2_SQL_AUTH_TOKEN', 'ADMIN_TOKEN', 'SCIM_TOKEN', 'SIGNING_SECRET', 'GITHUB_TOKEN', 'NPM_TOKEN'],
  ...['CARGO_REGISTRY_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'DB_PASSWORD', 'SOME_API_KEY', 'npm_config__auth', 'ADMIN_TOKEN_NEXT'],
];
const harmless = ['HTTPS_PROXY', 'CARGO_HOME', 'CARGO_REGISTRIES_MIRROR_TOKEN', 'SCIM_EDGE_HOME', 'SSH_AUTH_SOCK', 'PORT'];
const marked = Object.fromEntries([...secrets, ...harmless].map((name) => [name, `marked-${name}`]));

/** Runs a module that is given as text, in an environment with all of these; returns what it printed. */
function inMarkedEnvironment(args) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...marked } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => child.on('close', () => resolve(output)));
}

const printNames = `console.log(Object.keys(process.env).filter((name) => process.env[name] === 'marked-' + name).join())`;

async function seenThrough(module, call) {
  const script = `const lib = await import(${JSON.stringify(new URL(module, import.meta.url).href)});
    const print = ['--eval', ${JSON.stringify(printNames)}];
    ${call}`;
  const output = await inMarkedEnvironment(['--input-type=module', '--eval', script]);
  return output.trim().split(',');
}

for (const [name, call] of Object.entries({
  run: `await lib.run(process.execPath, print)`,
  attempt: `await lib.attempt(process.execPath, print)`,
  capture: `console.log((await lib.capture(process.execPath, print, { env: { ANOTHER: '1' } })).stdout.trim())`,
})) {
  test(`a program that \`${name}\` starts sees no secret, and everything else`, async () => {
    assert.deepEqual((await seenThrough('../../scripts/lib/process.mjs', call)).sort(), [...harmless].sort());
  });
}

test('npm sees what opens its registry, and nothing that opens the account', async () => {
  const call = `const { secretsOfNpm } = await import(${JSON.stringify(new URL('../../scripts/lib/environment.mjs', import.meta.url).href)});
    await lib.run(process.execPath, print, { secrets: secretsOfNpm })`;
  const seen = await seenThrough('../../scripts/lib/process.mjs', call);
  assert.deepEqual(seen.sort(), [...harmless, 'NPM_TOKEN', 'npm_config__auth'].sort());
});

test('no script starts a process past the door that takes the secrets away', () => {
  const scripts = readdirSync(file('../../scripts'), { recursive: true }).filter((name) => name.endsWith('.mjs'));
  assert.ok(scripts.length > 30);
  const starting = scripts.filter((name) => readFileSync(file(`../../scripts/${name}`), 'utf8').includes('child_process'));
  assert.deepEqual(starting.map((name) => name.replaceAll('\\', '/')), ['lib/process.mjs']);
});

test('the own Node is preferred from 22.12 on', () => {
  for (const version of ['22.12.0', '22.20.1', '23.0.0', '24.1.0', '26.10.0']) assert.ok(isNewEnough(version), version);
  for (const version of ['18.0.0', '20.20.2', '22.0.0', '22.11.9']) assert.ok(!isNewEnough(version), version);
  // The tests themselves run under the Node that is chosen.
  assert.equal(newerNode(), process.execPath);
});

test('the Node that is chosen comes first on the PATH of a child', async () => {
  const call = `console.log((await lib.capture(process.execPath, ['--print', 'process.env.PATH'])).stdout.trim())`;
  const [first] = (await seenThrough('../../scripts/lib/process.mjs', call)).join(',').split(process.platform === 'win32' ? ';' : ':');
  assert.equal(first, dirname(process.execPath));
});
