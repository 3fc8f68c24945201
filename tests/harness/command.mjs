// `npm run tenant` as a process of its own, against a Worker under test.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adminToken } from './admin.mjs';

const script = fileURLToPath(new URL('../../scripts/tenant.mjs', import.meta.url));

/**
 * Returns { folder, tenant, done, remove }:
 * `folder`  where the command runs and writes files
 * `tenant`  (args, env) -> { code, output }
 * `done`    (...args) -> output, of a command that has to succeed
 * `remove`  removes the folder
 */
export function tenantCommand(worker) {
  const folder = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
  const tenant = async (args, env = {}) => {
    const { ADMIN_TOKEN, ...inherited } = process.env;
    const place = { PORT: new URL(worker.url).port, ADMIN_TOKEN: adminToken, SCIM_EDGE_HOME: folder };
    const child = spawn(process.execPath, [script, ...args], { cwd: folder, env: { ...inherited, ...place, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, output };
  };
  const done = async (...args) => {
    const { code, output } = await tenant(args);
    assert.equal(code, 0, output);
    return output;
  };
  return { folder, tenant, done, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
