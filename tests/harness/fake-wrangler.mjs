// A replacement of wrangler for the tests of a deployment: answers from an account in the file $FAKE_ACCOUNT, and
// records each call.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

const account = JSON.parse(readFileSync(process.env.FAKE_ACCOUNT, 'utf8'));
const args = process.argv.slice(2);
// The variables that it got, of those that open an account or the Worker.
const environment = Object.keys(process.env).filter((name) => /^CLOUDFLARE_API|^(SCIM|ADMIN)_TOKEN$/.test(name)).sort();
const call = { args, environment };
account.calls.push(call);

const print = (value) => console.log(JSON.stringify(value));
const fail = (message) => {
  console.error(message);
  process.exitCode = 1;
};

/** Does not end before the process that started it does. */
function wait() {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(), 20);
  console.log('wrangler waits');
}

const commands = {
  'd1 list': () => (account.loggedOut ? fail('set a CLOUDFLARE_API_TOKEN environment variable') : print(account.databases)),
  'd1 create': () => account.databases.push({ uuid: `database-${account.databases.length + 1}`, name: args[2] }),
  'd1 migrations': () => account.brokenMigration && fail('near "TABEL": syntax error'),
  'kv namespace': () => {
    if (args[2] === 'list') print(account.namespaces);
    else account.namespaces.push({ id: `namespace-${account.namespaces.length + 1}`, title: args[3] });
  },
  'secret list': () =>
    account.secrets
      ? print(account.secrets.map((name) => ({ name, type: 'secret_text' })))
      : fail('Worker "scim-edge" not found.\n\nIf this is a new Worker, run `wrangler deploy` first to create it.'),
  'secret put': () => {
    call.value = readFileSync(0, 'utf8');
    if (account.brokenPut) fail(`the secret ${call.value} cannot be put`);
  },
  deploy: () => {
    if (args.includes('--dry-run')) return;
    const at = args.indexOf('--secrets-file');
    if (at > 0) Object.assign(call, { secretsFile: args[at + 1], secrets: JSON.parse(readFileSync(args[at + 1], 'utf8')) });
    const report = { type: 'deploy', version: 1, targets: account.targets ?? ['schedule: 0 * * * *', 'scim-edge.example.workers.dev'] };
    appendFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, `${JSON.stringify(report)}\n`);
    if (account.waits) wait();
  },
};

const command = commands[args.slice(0, 2).join(' ')] ?? commands[args[0]];
if (command) command();
else fail(`fake wrangler knows no: ${args.join(' ')}`);
writeFileSync(process.env.FAKE_ACCOUNT, JSON.stringify(account));
