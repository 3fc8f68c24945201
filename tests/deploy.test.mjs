// `npm run deploy` against a wrangler that only takes notes: which calls, in which order, with which ids.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs the script; `account` is what the fake account holds before. */
async function deploy(account, env = {}, args = []) {
  const folder = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
  try {
    const state = join(folder, 'account.json');
    writeFileSync(state, JSON.stringify({ databases: [], namespaces: [], calls: [], ...account }));
    const config = join(folder, 'wrangler.deploy.toml');
    const { SCIM_TOKEN, ...inherited } = process.env;
    const child = spawn(process.execPath, [file('../scripts/deploy.mjs'), ...args], {
      env: {
        ...inherited,
        SCIM_EDGE_WRANGLER: file('harness/fake-wrangler.mjs'),
        SCIM_EDGE_DEPLOY_CONFIG: config,
        FAKE_ACCOUNT: state,
        ...env,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    const { calls } = JSON.parse(readFileSync(state, 'utf8'));
    return { code, output, calls, config: existsSync(config) ? readFileSync(config, 'utf8') : '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const names = ({ calls }) => calls.map(({ args }) => args.slice(0, args.findIndex((a, n) => n > 0 && a.startsWith('--')) >>> 0).join(' '));

const database = { uuid: 'a-database', name: 'scim-edge' };
const namespace = { id: 'a-namespace', title: 'scim-edge-directory-copy' };

test('a deployment has Cloudflare log no URL with a query, since filters name people', async () => {
  const { config } = await deploy({}, { SCIM_TOKEN: 'a-token' });
  assert.match(config, /\n\[observability\]\nenabled = true\nredact_query_string = true\n/);
  assert.match(config, /\n\[observability\.logs\]\nenabled = true\ninvocation_logs = false\n/);
});

test('a first deployment creates what is missing and brings the secret along', async () => {
  const result = await deploy({}, { SCIM_TOKEN: 'a-token' });
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(names(result), [
    'd1 list',
    'd1 create scim-edge',
    'd1 list',
    'kv namespace list',
    'kv namespace create scim-edge-directory-copy',
    'kv namespace list',
    'secret list',
    'd1 migrations apply DB',
    'deploy',
  ]);
  const deployed = result.calls.at(-1);
  const { SIGNING_SECRET, ...others } = deployed.secrets;
  assert.deepEqual(others, { SCIM_TOKEN: 'a-token' });
  assert.match(SIGNING_SECRET, /^[0-9a-f]{64}$/);
  assert.ok(!result.output.includes(SIGNING_SECRET));
  assert.ok(!existsSync(deployed.secretsFile), 'the file with the secret is gone');
  assert.ok(result.calls.at(-2).args.includes('--remote'));
  assert.match(result.config, /^database_id = "database-1"$/m);
  assert.match(result.config, /^id = "namespace-1"$/m);
  assert.match(result.config, /^required = \["SCIM_TOKEN", "SIGNING_SECRET"\]$/m);
  assert.match(result.config, /^name = "TENANT_RATE"$/m);
  assert.match(result.output, /secret put ADMIN_TOKEN/);
  assert.match(result.output, /Tenant URL: +https:\/\/scim-edge\.example\.workers\.dev\/scim\/v2$/m);
  assert.ok(!result.output.includes('a-token'));
});

test('a later deployment uses what it finds, and the secrets that are there', async () => {
  const other = { uuid: 'another', name: 'not-ours' };
  const account = { databases: [other, database], namespaces: [namespace], secrets: ['SCIM_TOKEN', 'SIGNING_SECRET'] };
  const result = await deploy(account);
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(names(result), ['d1 list', 'kv namespace list', 'secret list', 'd1 migrations apply DB', 'deploy']);
  assert.ok(!result.calls.at(-1).args.includes('--secrets-file'));
  assert.match(result.config, /^database_id = "a-database"$/m);
  assert.match(result.config, /^id = "a-namespace"$/m);
});

test('a deployment from before OAuth gets the secret that signs, and keeps its token', async () => {
  const result = await deploy({ databases: [database], namespaces: [namespace], secrets: ['SCIM_TOKEN'] });
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(Object.keys(result.calls.at(-1).secrets), ['SIGNING_SECRET']);
});

test('a token in the environment replaces the one there, and nothing else', async () => {
  const account = { databases: [database], namespaces: [namespace], secrets: ['SCIM_TOKEN', 'SIGNING_SECRET'] };
  const result = await deploy(account, { SCIM_TOKEN: 'another' });
  assert.deepEqual(result.calls.at(-1).secrets, { SCIM_TOKEN: 'another' });
});

test('without the secret an existing Worker is not touched', async () => {
  const result = await deploy({ databases: [database], namespaces: [namespace], secrets: ['ANOTHER'] });
  assert.equal(result.code, 1);
  assert.deepEqual(names(result), ['d1 list', 'kv namespace list', 'secret list']);
  assert.match(result.output, /npm run wrangler -- secret put SCIM_TOKEN/);
});

test('without the secret a new Worker is not made', async () => {
  const result = await deploy({ databases: [database], namespaces: [namespace] });
  assert.equal(result.code, 1);
  assert.deepEqual(names(result), ['d1 list', 'kv namespace list', 'secret list']);
  assert.match(result.output, /SCIM_TOKEN=<the value> npm run deploy/);
});

test('an argument that it does not know deploys nothing', async () => {
  const result = await deploy({}, { SCIM_TOKEN: 'a-token' }, ['--dryrun']);
  assert.deepEqual(result.calls, []);
  assert.equal(result.code, 1);
  assert.equal(result.output, '\nnothing is deployed: `npm run deploy` takes -- --dry-run alone, not `--dryrun`\n');
});

test('a dry run needs no account, also where npm takes the option for one of its own', async () => {
  for (const [env, args] of [[{}, ['--dry-run']], [{ npm_config_dry_run: 'true' }, []]]) {
    const { code, output, calls } = await deploy({}, { SCIM_TOKEN: 'a-token', ...env }, args);
    assert.equal(code, 0, output);
    assert.deepEqual(calls.map(({ args }) => args), [['deploy', '--dry-run', '--outdir', '.wrangler/dry-run']]);
  }
});

test('without an account it says how to log in', async () => {
  const result = await deploy({ loggedOut: true });
  assert.equal(result.code, 1);
  assert.deepEqual(names(result), ['d1 list']);
  assert.match(result.output, /npm run wrangler -- login/);
});

test('a failed migration deploys nothing', async () => {
  const result = await deploy({ databases: [database], namespaces: [namespace], secrets: ['SCIM_TOKEN'], brokenMigration: true });
  assert.equal(result.code, 1);
  assert.equal(names(result).at(-1), 'd1 migrations apply DB');
});
