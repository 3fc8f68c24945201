// `npm run tenant` and its short forms as processes of their own, against a Worker under test.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adminToken } from './admin.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'scripts/tenant.mjs');
const terminal = join(root, 'tests/harness/terminal.py');
const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;

/**
 * Returns { folder, tenant, npmRun, done, remove }:
 * `folder`  where the command runs and writes files
 * `tenant`  (args, env, typed) -> { code, output }; `typed` is a line that a person types at its prompt, at a terminal
 * `npmRun`  (name, ...args) -> the same, of what `npm run <name> -- ...args` runs, and where npm runs it
 * `done`    (...args) -> output, of a command that has to succeed
 * `remove`  removes the folder
 */
export function tenantCommand(worker) {
  const folder = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
  const run = async (line, cwd, env = {}, typed) => {
    const { ADMIN_TOKEN, ...inherited } = process.env;
    const place = { PORT: new URL(worker.url).port, ADMIN_TOKEN: adminToken, SCIM_EDGE_HOME: folder };
    const node = [process.execPath, ...line];
    const [program, ...rest] = typed === undefined ? node : ['python3', terminal, typed, ...node];
    const child = spawn(program, rest, { cwd, env: { ...inherited, ...place, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, output };
  };
  const tenant = (args, env, typed) => run([script, ...args], folder, env, typed);
  const npmRun = (name, ...args) => {
    const [program, ...line] = scripts[name].split(' ');
    assert.equal(program, 'node');
    return run([...line, ...args], root);
  };
  const done = async (...args) => {
    const { code, output } = await tenant(args);
    assert.equal(code, 0, output);
    return output;
  };
  return { folder, tenant, npmRun, done, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
