// A tenant's directory to a file and from one: SCIM JSON lines, users before groups.

import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UserError } from '../lib/process.mjs';

const day = () => new Date().toISOString().slice(0, 10);

// One request accepts 1,000 lines and 4 MiB.
const most = { lines: 500, characters: 1_000_000 };

/**
 * Exports a tenant to a file. An existing file is not touched, and an export that fails leaves no file, which could
 * pass for a back-up.
 */
export async function exportTo(api, tenant, options) {
  const path = options.file ?? `${tenant}-${day()}.jsonl`;
  let file;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    throw new UserError(error.code === 'EEXIST' ? `${path} exists: name another file with --file` : error.message);
  }
  let lines = 0;
  let whole = false;
  try {
    for (let cursor = ''; cursor !== null; ) {
      const { text, headers } = await api('GET', `/tenants/${encodeURIComponent(tenant)}/export?cursor=${cursor}`);
      writeSync(file, text);
      lines += text.split('\n').length - 1;
      cursor = headers.get('x-next-cursor');
    }
    whole = true;
  } finally {
    closeSync(file);
    if (!whole) rmSync(path);
  }
  console.log(`${tenant}: ${lines} lines in ${path}`);
}

async function* linesOf(path) {
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${error.message}`);
  }
}

async function* batches(path) {
  let batch = [];
  let characters = 0;
  for await (const line of linesOf(path)) {
    if (batch.length && (batch.length >= most.lines || characters + line.length > most.characters)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(line);
    characters += line.length;
  }
  if (batch.length) yield batch;
}

/**
 * Imports a file. A group may name another one of a later line, so those with missing members are sent once more at
 * the end.
 */
export async function importFrom(api, tenant, options) {
  if (!options.file) throw new UserError('`import` needs --file');
  const total = { created: 0, present: 0, refused: [], incomplete: [] };
  const later = [];
  let before = 0;
  const send = async (lines) => (await api('POST', `/tenants/${encodeURIComponent(tenant)}/import`, lines.join('\n'))).body;
  for await (const lines of batches(options.file)) {
    const result = await send(lines);
    total.created += result.created;
    total.present += result.present;
    total.refused.push(...result.refused.map(({ line, detail }) => `line ${before + line}: ${detail}`));
    later.push(...result.incomplete.map((line) => ({ line: before + line, text: lines[line - 1] })));
    before += lines.length;
    console.log(`${before} lines: ${total.created} created, ${total.present} present`);
  }
  if (!before) console.log(`${options.file} is empty`);
  for (const { line, text } of later) {
    const result = await send([text]);
    if (result.incomplete.length) total.incomplete.push(`line ${line}: a member is neither in the file nor in the directory`);
  }
  const problems = [...total.refused, ...total.incomplete];
  if (problems.length) throw new UserError(`not all was taken:\n${problems.join('\n')}`);
}
