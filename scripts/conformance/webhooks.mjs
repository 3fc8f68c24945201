// Webhooks, verified by the library `standardwebhooks` of PyPI: the one of npm verifies every delivery in `npm test`.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adminClient, newTenant, withAdmin } from '../../tests/harness/admin.mjs';
import { startWorker } from '../../tests/harness/index.mjs';
import { startReceiver } from '../../tests/harness/receiver.mjs';
import { root } from '../lib/paths.mjs';
import { start } from '../lib/process.mjs';
import { pythonProgram } from './python.mjs';

const program = join(root, 'tests', 'conformance', 'webhooks.py');

/** Sends events to a receiver, the last ones while a secret is replaced; returns what came, each with a secret that must verify it. */
async function delivered() {
  const worker = await startWorker(withAdmin);
  const to = await startReceiver();
  try {
    const admin = adminClient(worker);
    const acme = await newTenant(worker, 'acme');
    const { body: made } = await admin('POST', '/tenants/acme/endpoints', { url: to.url });
    const { body: ada } = await acme.scimFetch('POST', '/Users', { userName: 'ada@b\u00fccher.example' });
    await acme.scimFetch('POST', '/Groups', { displayName: 'Verk\u00e4ufer \u{1f600}', members: [{ value: ada.id }] });
    await to.until(3);
    const { body: rotated } = await admin('POST', `/tenants/acme/endpoints/${made.id}/rotate`, {});
    await acme.scimFetch('DELETE', `/Users/${ada.id}`);
    await to.until(5);
    const by = (secret) => ({ headers, text }) => ({ secret, text, headers });
    return [...to.received.map(by(made.secret)), ...to.received.slice(3).map(by(rotated.secret))];
  } finally {
    to.stop();
    await worker.stop();
  }
}

async function verified(messages) {
  const python = start(pythonProgram('python'), [program], { stdio: ['pipe', 'pipe', 'pipe'] });
  const printed = [];
  for (const stream of [python.stdout, python.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  python.stdin.end(JSON.stringify(messages));
  const [code] = await once(python, 'close');
  return { code, text: Buffer.concat(printed).toString() };
}

export default {
  name: 'webhooks',
  about: 'about 5 s',
  async run({ folder }) {
    const messages = await delivered();
    const { code, text } = await verified(messages);
    writeFileSync(join(folder, 'output.txt'), text);
    const passed = Number(text.match(/^(\d+) verified, \1 refused with a byte more$/m)?.[1] ?? 0);
    const failures = code === 0 ? [] : [text];
    return { passed, total: messages.length, failures, reached: failures.length === 0 && passed === 7 && messages.length === 7 };
  },
};
