// The scripts of a deployment as processes of their own, with a wrangler that only records its calls
// (fake-wrangler.mjs).

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const ours = ['SCIM_TOKEN', 'ADMIN_TOKEN', 'SIGNING_SECRET'];

/** What a fake account holds. */
export const database = { uuid: 'a-database', name: 'scim-edge' };
export const namespace = { id: 'a-namespace', title: 'scim-edge-directory-copy' };

/** The commands that wrangler was given, without their options. */
export const names = ({ calls }) =>
  calls.map(({ args }) => args.slice(0, args.findIndex((a, n) => n > 0 && a.startsWith('--')) >>> 0).join(' '));

function output(child) {
  const printed = { output: '', stdout: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => ((printed.output += text), (printed.stdout += text)));
  child.stderr.setEncoding('utf8').on('data', (text) => (printed.output += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...printed })));
}

/**
 * Runs scripts/<script>. `account` is what the fake account holds before; `input` is sent to standard input; `typed`
 * is a line that a person types at the script's prompt, at a terminal; `wranglerToml` changes the text of
 * wrangler.toml; `deployed` says whether a deployment was made from here before; `signal` is sent to the script while
 * wrangler deploys, which never ends. Returns { code, output, stdout, calls, config, temporary }: `calls` of wrangler,
 * `config` that the script wrote, and what it left in the temporary folder.
 */
export async function deployment(script, account, { env = {}, args = [], input = '', typed, wranglerToml, deployed, signal } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
  try {
    const state = join(folder, 'account.json');
    writeFileSync(state, JSON.stringify({ databases: [], namespaces: [], calls: [], waits: Boolean(signal), ...account }));
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const config = join(folder, 'wrangler.deploy.toml');
    if (deployed) writeFileSync(config, '');
    const source = join(folder, 'wrangler.toml');
    const text = readFileSync(file('../../wrangler.toml'), 'utf8');
    writeFileSync(source, wranglerToml?.(text) ?? text);
    const inherited = Object.entries(process.env).filter(([name]) => !ours.includes(name));
    const place = {
      SCIM_EDGE_WRANGLER: file('fake-wrangler.mjs'),
      SCIM_EDGE_WRANGLER_CONFIG: source,
      SCIM_EDGE_DEPLOY_CONFIG: config,
      FAKE_ACCOUNT: state,
      TMPDIR: temporary,
    };
    const node = [process.execPath, file(`../../scripts/${script}`), ...args];
    const [program, ...line] = typed === undefined ? node : ['python3', file('terminal.py'), typed, ...node];
    const child = spawn(program, line, { env: { ...Object.fromEntries(inherited), ...place, ...env } });
    child.stdin.on('error', () => {}).end(input);
    if (signal) child.stdout.on('data', (text) => text.includes('wrangler waits') && child.kill(signal));
    const result = await output(child);
    const { calls } = JSON.parse(readFileSync(state, 'utf8'));
    const written = existsSync(config) ? readFileSync(config, 'utf8') : '';
    return { ...result, calls, config: written, temporary: readdirSync(temporary) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
