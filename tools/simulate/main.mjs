// A simulated Azure AD: `npm run simulate`. It holds a directory, provisions it into an application over cycles in
// Entra's dialect (facts: docs of Microsoft Entra ID, and what its requests look like), lets requests go wrong, reads
// everything back and compares. Exit code 1 on any difference.
//
//   people, directory, events   the directory and what happens in it        random       the seed
//   mapping, dialect            users as paths and values; request bodies   client       HTTP
//   job, links, objects, references   the provisioning service              faults       the proxy in between
//   application, copy, follower the vendor's application, which follows    readback, compare   the check at the end
//   statistics, progress, report
//
// Not here: Worker and storage (tests/harness).

import { follower } from './follower.mjs';
import { Progress } from './progress.mjs';
import { readOptions } from './options.mjs';
import { report } from './report.mjs';
import { simulate } from './simulate.mjs';

const options = readOptions(process.argv.slice(2));
if (options.error) {
  console.error(options.error);
  process.exit(2);
}

async function application() {
  if (options.url) return { scim: options.url.replace(/\?.*$/, ''), token: options.token, stop: () => {} };
  const { startWorker, unlimited } = await import('../../tests/harness/index.mjs');
  const vars = { ADMIN_TOKEN: 'simulated-admin-token', SIGNING_SECRET: 'simulated-signing-secret' };
  const worker = await startWorker({ rates: unlimited, vars });
  return { ...worker, token: 'test-token', application: await follower(worker, vars.ADMIN_TOKEN) };
}

const { scim, token, stop, logs, application: vendor } = await application();
const progress = new Progress({ write: (text) => process.stderr.write(text), bar: process.stderr.isTTY });
try {
  const result = await simulate({ ...options, scim, token, progress, application: vendor });
  console.log(report(result));
  for (const line of logs ?? []) if (line.level === 'error') console.log(`the Worker says: ${line.message}`);
  process.exitCode = result.differences.length ? 1 : 0;
} finally {
  await stop();
}
