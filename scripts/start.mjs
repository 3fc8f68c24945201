// `npm start`: the Worker on this machine, under the real runtime, with data that outlives a restart. PORT chooses
// the port, SCIM_TOKEN the Secret Token, SCIM_EDGE_HOME the folder of .dev.vars and the data.

import { join } from 'node:path';
import { build } from './build.mjs';
import { home } from './lib/paths.mjs';
import { assertPortFree, host, portFromEnvironment } from './lib/port.mjs';
import { main, UserError } from './lib/process.mjs';
import { step } from './lib/steps.mjs';
import { devVars, ensureTokens } from './lib/token.mjs';
import { startWrangler, wranglerOutput } from './lib/wrangler.mjs';
import { ensureSetup } from './setup.mjs';
import { adminApi } from './tenant/api.mjs';

const data = join(home, '.wrangler', 'state');

async function migrate() {
  const args = ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', data];
  const { code, stdout, stderr } = await wranglerOutput(...args);
  if (code !== 0) throw new UserError(`the migrations could not be applied:\n${stdout}${stderr}`);
}

function serve(port) {
  const args = [
    ...['dev', '--ip', host, '--port', `${port}`, '--inspector-port', '0', '--persist-to', data],
    ...['--env-file', devVars, '--show-interactive-dev-session=false'],
  ];
  return startWrangler(args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Fires the cron trigger of wrangler.toml, which no runtime on this machine does by itself. */
function everyMinute(port) {
  const fire = () => fetch(`http://${host}:${port}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).then((answer) => answer.arrayBuffer(), () => {});
  setInterval(fire, 60_000).unref();
}

/** Returns a link that opens the console once; undefined if the administration is closed. */
async function consoleLink() {
  try {
    const api = await adminApi({});
    return (await api('POST', '/console/links', { person: 'npm start' })).body.url;
  } catch {
    return undefined;
  }
}

async function answering(url, child) {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await (await fetch(url)).arrayBuffer();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}

/** Waits for the child's end. A signal to this process ends the child: first gently, after five seconds by force. */
function untilStopped(child) {
  let asked = false;
  const stop = (signal) => {
    if (asked) return;
    asked = true;
    // At a terminal Ctrl-C has reached the child already; a second signal does no harm.
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
  whenOrphaned(() => stop('SIGTERM'));
  return new Promise((resolve) => child.on('close', (code) => resolve(asked ? 0 : code ?? 1)));
}

// Calls `then` when npm has ended: a signal to npm alone ends npm and the shell between, which do not pass it on, so
// that this process gets a new parent.
function whenOrphaned(then) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && then(), 200).unref();
}

await main(async () => {
  const port = portFromEnvironment();
  await assertPortFree(port);
  await ensureSetup();
  await build();
  const token = ensureTokens();
  await step('applying the database migrations', '2 s', migrate);

  const child = serve(port);
  const stopped = untilStopped(child);
  const url = `http://${host}:${port}/scim/v2`;
  if (await answering(url, child)) {
    everyMinute(port);
    const link = await consoleLink();
    const opened = link ? `\n  Console:      ${link}\n                (works once, within five minutes; another: npm run console)` : '';
    console.log(`\n  Tenant URL:   ${url}\n  Secret Token: ${token}${opened}\n  More tenants: npm run tenant -- create <name>\n  Stop with Ctrl-C. The data stays in ${data}\n`);
  }
  process.exitCode = await stopped;
});
