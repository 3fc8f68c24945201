// `npm run deploy` with a wrangler that only records its calls: which calls, in which order, with which ids. Not
// here: which secrets the deployment accepts, and how they reach it (deploy-secrets.test.mjs).

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { database, deployment, names, namespace } from '../harness/deployment.mjs';

const token = 'a-token-that-is-long-enough-to-be-one';

const deploy = (account, env, args, more) => deployment('deploy.mjs', account, { env, args, ...more });

test('a deployment has Cloudflare log no URL with a query, since filters name people', async () => {
  const { config } = await deploy({}, { SCIM_TOKEN: token });
  assert.match(config, /\n\[observability\]\nenabled = true\nredact_query_string = true\n/);
  assert.match(config, /\n\[observability\.logs\]\nenabled = true\ninvocation_logs = false\n/);
});

test('a first deployment creates what is missing and brings the secret along', async () => {
  const result = await deploy({}, { SCIM_TOKEN: token });
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
  assert.deepEqual(others, { SCIM_TOKEN: token });
  assert.match(SIGNING_SECRET, /^[0-9a-f]{64}$/);
  assert.ok(!result.output.includes(SIGNING_SECRET));
  assert.ok(!existsSync(deployed.secretsFile), 'the file with the secret is gone');
  assert.ok(result.calls.at(-2).args.includes('--remote'));
  assert.match(result.config, /^database_id = "database-1"$/m);
  assert.match(result.config, /^id = "namespace-1"$/m);
  assert.match(result.config, /^required = \["SCIM_TOKEN", "SIGNING_SECRET"\]$/m);
  assert.match(result.config, /^name = "TENANT_RATE"$/m);
  assert.match(result.output, /npm run admin-token/);
  assert.match(result.output, /Tenant URL: +https:\/\/scim-edge\.example\.workers\.dev\/scim\/v2$/m);
  assert.ok(!result.output.includes(token));
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

test('an argument that it does not know deploys nothing', async () => {
  const result = await deploy({}, { SCIM_TOKEN: token }, ['--dryrun']);
  assert.deepEqual(result.calls, []);
  assert.equal(result.code, 1);
  assert.equal(result.output, '\nnothing is deployed: `npm run deploy` takes -- --dry-run or --token-stdin alone, not `--dryrun`\n');
});

test('a dry run needs no account, also if npm takes the option as its own', async () => {
  for (const [env, args] of [[{}, ['--dry-run']], [{ npm_config_dry_run: 'true' }, []]]) {
    const { code, output, calls } = await deploy({}, { SCIM_TOKEN: token, ...env }, args);
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

const ownDomain = (text) => `${text}\n[[routes]]\npattern = "scim.example.com"\ncustom_domain = true\n`;
const ready = { databases: [database], namespaces: [namespace], secrets: ['SCIM_TOKEN', 'SIGNING_SECRET'] };
const workersDev = ({ config }) => config.match(/^workers_dev = .*$/gm);

test('without a domain of its own the Worker answers at its workers.dev name', async () => {
  assert.deepEqual(workersDev(await deploy(ready)), ['workers_dev = true']);
});

test('with a domain of its own the Worker no longer answers at its workers.dev name, and the Tenant URL is of the domain', async () => {
  const targets = ['schedule: * * * * *', 'scim.example.com (custom domain)'];
  const result = await deploy({ ...ready, targets }, {}, [], { wranglerToml: ownDomain });
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(workersDev(result), ['workers_dev = false']);
  assert.match(result.config, /\npreview_urls = false\nworkers_dev = false\n/);
  assert.match(result.output, /Tenant URL: +https:\/\/scim\.example\.com\/scim\/v2$/m);
  const route = await deploy(ready, {}, [], { wranglerToml: (text) => `routes = ["scim.example.com/*"]\n${text}` });
  assert.deepEqual(workersDev(route), ['workers_dev = false']);
});

test('a workers.dev name that wrangler.toml keeps beside the domain is kept', async () => {
  const result = await deploy(ready, {}, [], { wranglerToml: (text) => ownDomain(`workers_dev = true\n${text}`) });
  assert.deepEqual(workersDev(result), ['workers_dev = true']);
});
