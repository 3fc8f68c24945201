// `npm run tenant`: the whole life of a tenant at the command line, against a running Worker.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminToken, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { scimClient } from '../harness/index.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let command;
serve((started) => {
  worker = started;
  command = tenantCommand(worker);
}, withAdmin, () => command?.remove());

const tenant = (...args) => command.tenant(...args);
const done = (...args) => command.done(...args);
const inFolder = (name) => join(command.folder, name);

const shown = (output) => ({ url: output.match(/Tenant URL: +(\S+)/)[1], token: output.match(/Secret Token: (\S+)/)[1] });
const ask = ({ url, token }) => scimClient(url, token);
const status = async (access) => (await ask(access)('GET', '/Users?count=0')).status;

test('a tenant is created, used, rotated, suspended, resumed, revoked, exported, imported and deleted', { timeout: 60_000 }, async () => {
  const first = shown(await done('create', 'acme', '--name', 'Acme Inc.', '--expires', '365d'));
  assert.equal(first.url, `${worker.url}/acme/scim/v2`);
  assert.equal((await ask(first)('POST', '/Users', { userName: 'a' })).status, 201);
  assert.match(await done('list'), /^acme +enabled +Acme Inc\.$/m);
  const details = await done('show', 'acme');
  assert.match(details, /users +1 of 1000000 \(default\)\n +groups +0 of 200000 \(default\)/);
  assert.ok(!details.includes(first.token));

  const rotated = await done('rotate', 'acme', '--overlap', '1h');
  assert.match(rotated, /The tenant has 2 tokens in force, this one included/);
  const second = shown(rotated);
  assert.deepEqual([await status(first), await status(second)], [200, 200]);
  const which = await tenant(['revoke', 'acme']);
  assert.equal(which.code, 1);
  const [, id] = which.output.match(/^ +(\S+) +first$/m);
  await done('revoke', 'acme', '--token', id);
  assert.deepEqual([await status(first), await status(second)], [401, 200]);

  await done('suspend', 'acme');
  assert.equal(await status(second), 401);
  await done('resume', 'acme');
  assert.equal(await status(second), 200);

  const file = inFolder('acme.jsonl');
  await done('export', 'acme', '--file', file);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).userName, 'a');
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match((await tenant(['export', 'acme', '--file', file])).output, /exists: name another file/);
  const copy = shown(await done('create', 'copy'));
  await done('import', 'copy', '--file', file);
  assert.equal((await ask(copy)('GET', '/Users')).body.totalResults, 1);

  assert.match((await tenant(['delete', 'acme'])).output, /add --yes/);
  assert.equal(await status(second), 200);
  // As if it had been suspended a while ago; otherwise the command would wait until no instance remembers the token.
  await done('suspend', 'acme');
  await worker.d1.prepare("UPDATE tenants SET suspended = suspended - 100000 WHERE id = 'acme'").run();
  const backup = inFolder('backup.jsonl');
  await done('delete', 'acme', '--yes', '--file', backup);
  assert.equal(JSON.parse(readFileSync(backup, 'utf8')).userName, 'a');
  assert.ok(!(await done('list')).includes('acme'));
});

test('npm run export and npm run import move a directory, members and all', async () => {
  const from = ask(shown(await done('create', 'from')));
  const to = ask(shown(await done('create', 'to')));
  const user = (await from('POST', '/Users', { userName: 'a', emails: [{ value: 'a@h.example' }] })).body;
  const group = (await from('POST', '/Groups', { displayName: 'g', members: [{ value: user.id }] })).body;
  const file = inFolder('npm-run.jsonl');
  const exported = await command.npmRun('export', 'from', '--file', file);
  assert.deepEqual([exported.code, exported.output], [0, `from: 2 lines in ${file}\n`]);
  const imported = await command.npmRun('import', 'to', '--file', file);
  assert.deepEqual([imported.code, imported.output], [0, '2 lines: 2 created, 0 present\n']);
  // The same ids, versions and times; the addresses are those of the other tenant.
  for (const path of [`/Users/${user.id}`, `/Groups/${group.id}`]) {
    const [was, is] = [await from('GET', path), await to('GET', path)];
    assert.deepEqual([is.status, is.text.replaceAll('/to/scim', '/from/scim')], [200, was.text]);
  }
  assert.deepEqual((await command.npmRun('import', 'to', '--file', file)).output, '2 lines: 0 created, 2 present\n');
  for (const name of ['export', 'import']) {
    const { code, output } = await command.npmRun(name);
    assert.deepEqual([code, /`(export|import)` needs the name of a tenant/.test(output)], [1, true], output);
  }
});

test('groups within groups are imported, and lines that do not fit are reported', async () => {
  await done('create', 'lines');
  const line = (resourceType, id, more) => JSON.stringify({ id, meta: { resourceType }, ...more });
  const file = inFolder('lines.jsonl');
  const cycle = [line('Group', 'a', { displayName: 'a', members: [{ value: 'b' }] }), line('Group', 'b', { displayName: 'b', members: [{ value: 'a' }] })];
  writeFileSync(file, cycle.join('\n'));
  await done('import', 'lines', '--file', file);
  writeFileSync(file, [line('Group', 'c', { displayName: 'c', members: [{ value: 'nobody' }] }), 'no json'].join('\n'));
  const { code, output } = await tenant(['import', 'lines', '--file', file]);
  assert.equal(code, 1);
  assert.match(output, /line 2: the line is not JSON\nline 1: a member is neither in the file nor in the directory/);
});

for (const [what, args, env, message] of [
  ['an unknown command', ['destroy', 'acme'], {}, /there is no command `destroy`/],
  ['no tenant', ['show'], {}, /`show` needs the name of a tenant/],
  ['a bad duration', ['create', 'x1', '--expires', 'soon'], {}, /`soon` is not a duration/],
  ['a wrong token', ['list'], { ADMIN_TOKEN: 'wrong' }, /the bearer token is not valid \(401\)\nADMIN_TOKEN differs/],
  ['no token', ['list'], { ADMIN_TOKEN: '' }, /there is no ADMIN_TOKEN in \.dev\.vars yet/],
  ['a deployment without a token', ['list', '--remote', '--url', 'https://h.example'], { ADMIN_TOKEN: '' }, /--remote needs ADMIN_TOKEN in the environment/],
  ['a deployment by http', ['list', '--remote', '--url', 'http://h.example'], {}, /is not an https address/],
  ['a Worker that does not run', ['list'], { PORT: '1' }, /does not answer/],
  ['no address of a deployment', ['list', '--remote', '--url', 'nonsense'], {}, /`nonsense` is not an address such as/],
  ['an unknown option', ['list', '--all'], {}, /^\nUnknown option '--all': `npm run tenant` lists what there is\n$/],
  ['an option without its value', ['create', 'x1', '--name'], {}, /argument missing: `npm run tenant` lists what there is\n$/],
  ['an option of another command', ['revoke', 'x1', '--secret', 'x'], {}, /`revoke` does not take --secret/],
  ['a tenant where none is meant', ['signing-keys', 'x1'], {}, /`signing-keys` is not about one tenant/],
  ['a command that is not for the default tenant', ['suspend', 'default'], {}, /`suspend` is not for `default`, which is always there/],
  ['a value that is not a number', ['create', 'x1', '--log-days', 'many'], {}, /--log-days must be a whole number of days, but is `many`/],
  ['a number out of range, by the name of its option', ['create', 'x1', '--log-days', '0'], {}, /`--log-days` is not an integer from 1/],
  ['an end that is now', ['create', 'x1', '--expires', '0d'], {}, /`0d` is not a time in the future/],
  ['an end beyond all dates', ['create', 'x1', '--expires', '99999999d'], {}, /`99999999d` is not a time in the future/],
  ['an overlap of half hours', ['rotate', 'x1', '--overlap', '30m'], {}, /--overlap must be in whole hours, such as 24h, but is `30m`/],
  ['no settings', ['set', 'x1'], {}, /`set` needs --name, --dialect, --log-days, --activity-days, --edge, --residency, --mass-deprovisioning or a quota/],
  ['a file that is not there', ['import', 'x1', '--file', 'none.jsonl'], {}, /none\.jsonl cannot be read: ENOENT/],
  ['a folder in place of a file', ['import', 'x1', '--file', '.'], {}, /\. cannot be read: EISDIR/],
  ['a name that cannot be one', ['create', 'Admin_1'], {}, /`Admin_1` is not a tenant name/],
]) {
  test(`${what} ends with a sentence and nothing else`, async () => {
    const { code, output } = await tenant(args, env);
    assert.equal(code, 1);
    assert.match(output, message);
    assert.ok(!/\n\s+at /.test(output), output);
    assert.ok(!existsSync(inFolder('.dev.vars')));
  });
}

test('a deployment is asked with the token of the environment or of the prompt, as the help says', async () => {
  const { output: help } = await tenant([]);
  assert.match(help, /\n`--remote --url https:\/\/host` asks another, with ADMIN_TOKEN from the environment or at the prompt\.\n$/);
  await done('create', 'remote');
  const list = ['list', '--remote', '--url', worker.url];
  const named = await tenant(list);
  assert.equal(named.code, 0, named.output);
  const typed = await tenant(list, { ADMIN_TOKEN: '' }, adminToken);
  assert.deepEqual(typed, { code: 0, output: `ADMIN_TOKEN of ${worker.url} (not shown): \n${named.output}` });
  assert.match(named.output, /^remote +enabled/m);
});

test('what was refused at the command line has made no tenant', async () => {
  assert.ok(!(await done('list')).includes('x1'));
});

test('a tenant that exists is not made again, and the command says how to give it a token', async () => {
  await done('create', 'twice');
  const { code, output } = await tenant(['create', 'twice']);
  assert.deepEqual([code, output], [1, '\nthe tenant `twice` exists already: `token twice` makes a token for it\n']);
});

test('an export that fails leaves no file, which would pass for a back-up', async () => {
  const file = inFolder('nobody.jsonl');
  const { code, output } = await tenant(['export', 'nobody', '--file', file]);
  assert.deepEqual([code, output], [1, '\nthere is no tenant `nobody` (404)\n']);
  assert.ok(!existsSync(file));
});
