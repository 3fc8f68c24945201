// Which secrets a deployment accepts, where they come from, and that they reach only wrangler.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { database, deployment, names, namespace } from '../harness/deployment.mjs';

const token = 'a-token-that-is-long-enough-to-be-one';
const other = 'another-that-is-long-enough-to-be-one';
const exact = 'x'.repeat(32);

const empty = { databases: [database], namespaces: [namespace] };
const ready = { ...empty, secrets: ['SCIM_TOKEN', 'SIGNING_SECRET'] };
const asking = ['d1 list', 'kv namespace list', 'secret list'];

const deploy = (account, options) => deployment('deploy.mjs', account, options);
const secret = (account, args, options) => deployment('secret.mjs', account, { deployed: true, args, ...options });

test('wrangler gets what opens the account', async () => {
  const env = { CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_API_KEY: 'x', SCIM_TOKEN: token };
  const { calls } = await deploy(ready, { env });
  for (const { args, environment } of calls) {
    assert.deepEqual(environment, ['CLOUDFLARE_API_KEY', 'CLOUDFLARE_API_TOKEN', 'SCIM_TOKEN'], args.join(' '));
  }
});

test('a deployment from before OAuth gets the secret that signs, and keeps its token', async () => {
  const result = await deploy({ ...empty, secrets: ['SCIM_TOKEN'] });
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(Object.keys(result.calls.at(-1).secrets), ['SIGNING_SECRET']);
});

test('a token in the environment replaces the one there, and nothing else', async () => {
  const result = await deploy(ready, { env: { SCIM_TOKEN: other } });
  assert.deepEqual(result.calls.at(-1).secrets, { SCIM_TOKEN: other });
});

test('a token from standard input replaces the one there, without its line end', async () => {
  for (const [args, env] of [[['--token-stdin'], {}], [[], { npm_config_token_stdin: 'true' }]]) {
    const result = await deploy(ready, { args, env, input: `${token} ${other}\n` });
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(result.calls.at(-1).secrets, { SCIM_TOKEN: `${token} ${other}` });
    assert.ok(!result.output.includes(token) && !result.output.includes(other));
  }
});

test('a token that is typed at the prompt is brought along and never shown', async () => {
  const result = await deploy(empty, { typed: token });
  assert.equal(result.code, 0, result.output);
  assert.equal(result.calls.at(-1).secrets.SCIM_TOKEN, token);
  assert.match(result.output, /Secret Token of the Worker \(not shown;/);
  assert.ok(!result.output.includes(token), result.output);
});

test('Enter alone at the prompt makes a token and shows it once', async () => {
  const result = await deploy(empty, { typed: '' });
  assert.equal(result.code, 0, result.output);
  const made = result.calls.at(-1).secrets.SCIM_TOKEN;
  assert.match(made, /^[0-9a-f]{64}$/);
  assert.equal(result.output.split(made).length, 2, 'it is shown once');
});

test('if the Worker has a token, the operator is not asked for one', async () => {
  const result = await deploy(ready, { typed: token });
  assert.equal(result.code, 0, result.output);
  assert.ok(!result.calls.at(-1).args.includes('--secrets-file'));
});

test('without a terminal and without the secret no Worker is made or touched', async () => {
  for (const account of [empty, { ...empty, secrets: ['ANOTHER'] }]) {
    const result = await deploy(account);
    assert.equal(result.code, 1);
    assert.deepEqual(names(result), asking);
    assert.match(result.output, /npm run deploy -- --token-stdin < <the file>/);
    assert.doesNotMatch(result.output, /SCIM_TOKEN=/);
  }
});

test('a deployment leaves nothing in the temporary folder', async () => {
  for (const account of [empty, { ...empty, brokenMigration: true }]) {
    const { calls, temporary } = await deploy(account, { env: { SCIM_TOKEN: token } });
    assert.ok(calls.some(({ args }) => args.includes('migrations')));
    assert.deepEqual(temporary, []);
  }
});

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  test(`a deployment that ${signal} ends does not leave its secrets anywhere`, async () => {
    const result = await deploy(empty, { env: { SCIM_TOKEN: token }, signal });
    assert.equal(result.calls.at(-1).secrets.SCIM_TOKEN, token, 'wrangler had them');
    assert.deepEqual([result.code, result.temporary], [code, []], result.output);
  });
}

for (const [what, options, problem] of [
  ['a token of the environment', { env: { SCIM_TOKEN: 'hunter2' } }, 'SCIM_TOKEN of the environment has 7 characters.'],
  ['one of 31 characters', { env: { SCIM_TOKEN: exact.slice(1) } }, 'SCIM_TOKEN of the environment has 31 characters.'],
  ['the second of two', { env: { SCIM_TOKEN: `${exact} hunter2` } }, 'token 2 of 2 in SCIM_TOKEN of the environment has 7 characters.'],
  ['a phrase of many words', { env: { SCIM_TOKEN: 'correct horse battery staple and many more' } }, 'token 1 of 7 in SCIM_TOKEN'],
  ['a token of white space', { env: { SCIM_TOKEN: '  ' } }, 'SCIM_TOKEN of the environment is empty.'],
  ['a token from standard input', { args: ['--token-stdin'], input: 'hunter2\n' }, 'SCIM_TOKEN from standard input has 7 characters.'],
  ['an empty standard input', { args: ['--token-stdin'], input: '\n' }, 'SCIM_TOKEN from standard input is empty.'],
  ['an administrator\'s token', { env: { ADMIN_TOKEN: 'hunter2' } }, 'ADMIN_TOKEN of the environment has 7 characters.'],
  ['what access tokens are signed with', { env: { SIGNING_SECRET: 'hunter2' } }, 'SIGNING_SECRET of the environment has 7 characters.'],
]) {
  test(`${what} that can be guessed is refused before anything is done`, async () => {
    const result = await deploy(ready, options);
    assert.equal(result.code, 1);
    assert.deepEqual(result.calls, []);
    assert.ok(result.output.includes(problem), result.output);
    assert.match(result.output, /A random value: node -p "crypto\.randomBytes\(32\)/);
    assert.ok(!result.output.includes('hunter2') && !result.output.includes('horse'), result.output);
  });
}

test('a token that is typed and can be guessed is refused before anything is deployed', async () => {
  const result = await deploy(empty, { typed: 'hunter2' });
  assert.equal(result.code, 1);
  assert.deepEqual(names(result), asking);
  assert.match(result.output, /SCIM_TOKEN has 7 characters\. A secret must have 32 or more/);
  assert.ok(!result.output.includes('hunter2'), result.output);
});

test('tokens of 32 characters will do', async () => {
  const result = await deploy(ready, { env: { SCIM_TOKEN: `${exact} ${exact}` } });
  assert.equal(result.code, 0, result.output);
});

test('admin-token makes 256 bits, puts them by standard input and shows them once', async () => {
  for (const typed of [undefined, '']) {
    const result = await secret(ready, ['ADMIN_TOKEN', '--make'], { typed });
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(names(result), ['secret list', 'secret put ADMIN_TOKEN']);
    const { value, args } = result.calls.at(-1);
    assert.match(value, /^[0-9a-f]{64}$/);
    assert.ok(!args.includes(value), 'not on a command line');
    assert.equal(result.output.split(value).length, 2, 'it is shown once');
    if (typed === undefined) assert.equal(result.stdout, `${value}\n`, 'alone where a program reads it');
  }
});

test('secret puts what is typed or comes by standard input, and shows none of it', async () => {
  for (const given of [{ typed: `${token} ${other}` }, { input: `${token} ${other}\n` }]) {
    const result = await secret(ready, ['SCIM_TOKEN'], given);
    assert.equal(result.code, 0, result.output);
    assert.equal(result.calls.at(-1).value, `${token} ${other}`);
    assert.ok(!result.output.includes(token) && !result.output.includes(other), result.output);
    assert.match(result.output, /the secret SCIM_TOKEN is set, in place of the one that was there/);
  }
});

test('secret refuses what can be guessed, and leaves the one that is there', async () => {
  for (const name of ['SCIM_TOKEN', 'ADMIN_TOKEN', 'SIGNING_SECRET']) {
    const result = await secret(ready, [name], { input: 'hunter2' });
    assert.equal(result.code, 1);
    assert.deepEqual(names(result), ['secret list']);
    assert.ok(result.output.includes(`${name} has 7 characters.`) && !result.output.includes('hunter2'), result.output);
  }
});

test('the secret that an identity provider has made is taken as it is, unless it is empty', async () => {
  const result = await secret(ready, ['OIDC_CLIENT_SECRET'], { input: 'short~1\n' });
  assert.equal(result.code, 0, result.output);
  assert.equal(result.calls.at(-1).value, 'short~1');
  assert.ok(!result.output.includes('short~1'));
  const empty = await secret(ready, ['OIDC_CLIENT_SECRET'], { input: '\n' });
  assert.deepEqual([empty.code, names(empty)], [1, ['secret list']]);
});

test('a secret that wrangler cannot put is not shown as its failure', async () => {
  const result = await secret({ ...ready, brokenPut: true }, ['ADMIN_TOKEN', '--make']);
  assert.equal(result.code, 1);
  assert.match(result.output, /could not put the secret ADMIN_TOKEN:\nthe secret \(the secret\) cannot be put/);
  assert.ok(!result.output.includes(result.calls.at(-1).value));
});

test('no secret is put if nothing was deployed', async () => {
  const before = await secret(ready, ['ADMIN_TOKEN', '--make'], { deployed: false });
  assert.deepEqual([before.code, before.calls], [1, []]);
  assert.equal(before.output, '\nnothing was deployed from this folder yet: run `npm run deploy` first\n');
  const without = await secret(empty, ['ADMIN_TOKEN', '--make']);
  assert.deepEqual([without.code, names(without)], [1, ['secret list']]);
  assert.equal(without.output, '\nthere is no Worker in this account yet: run `npm run deploy` first\n');
});

test('secret takes no other name, and no value on the command line', async () => {
  for (const args of [[], ['OTHER'], ['SCIM_TOKEN', token], ['ADMIN_TOKEN', '--make', token], ['OIDC_CLIENT_SECRET', '--make']]) {
    const result = await secret(ready, args);
    assert.deepEqual([result.code, result.calls], [1, []]);
    assert.match(result.output, /^\nnothing is changed: `npm run secret -- <name>` takes one of SCIM_TOKEN, ADMIN_TOKEN, SIGNING_SECRET, OIDC_CLIENT_SECRET\./);
    assert.ok(!result.output.includes(token));
  }
});
