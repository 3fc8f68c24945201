// The wire cases of tests/cases, run by their own Python runner: what Entra sends, what its validator tests, what its
// app gallery demands, what the RFCs demand, what Okta and others send, what public bug reports show.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../harness/serve.mjs';

const folder = fileURLToPath(new URL('../cases/', import.meta.url));
const capabilities = 'groups,bulk,sort,etag,cursor,attr:nickName,attr:roles';
const token = 'cases-token';

function runCases(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', [`${folder}run_cases.py`, ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) =>
      reject(error.code === 'ENOENT' ? new Error('python3 is missing: the wire cases need it, install Python 3') : error));
    child.on('close', (code) => {
      const [, pass, fail, skip] = output.match(/\{'pass': (\d+), 'fail': (\d+), 'skip': (\d+)\}\s*$/)?.map(Number) ?? [];
      resolve({ code, pass, fail, skip, output });
    });
  });
}

const files = (name) => readdirSync(folder + name).filter((file) => file.endsWith('.json')).length;

let worker;
serve((started) => (worker = started), { token });

const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && files(entry.name) > 0);

test('no folder of cases is missing', () =>
  assert.deepEqual(folders.map(({ name }) => name).sort(), ['entra', 'gallery', 'interop', 'okta', 'report', 'rfc', 'validator']));

test('every file of a case follows the format', async () => {
  const all = folders.reduce((sum, { name }) => sum + files(name), 0);
  const { code, output } = await runCases('http://x', '--lint');
  assert.deepEqual([code, output], [0, `lint ok: ${all} cases\n`]);
});

for (const { name } of folders) {
  test(`${name}: every case passes`, async () => {
    const { code, pass, fail, skip, output } = await runCases(worker.scim, '--token', token, '--caps', capabilities, '--only', name);
    assert.equal(code, 0, `run_cases.py ended with ${code}:\n${output}`);
    assert.equal(fail, 0, output);
    assert.ok(pass > 0 && pass + skip >= files(name), `${pass} passed and ${skip} skipped of ${files(name)}:\n${output}`);
  });
}
