// Keeps a copy of a tenant's directory: a snapshot to begin with, then every event in its order, over restarts of this program.
// `EVENTS=https://scim.example.com/acme/events TOKEN=scim_... node follow.ts copy.json`

import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

type Resource = { version: number; members: string[]; attributes: Record<string, unknown> };
type Change = { path: string; at?: string[]; old?: unknown; new?: unknown };
type Named = { id: string; version: number };
type Event = { id: string; type: string; data: { [kind: string]: Named } & { changes?: Change[] } };
type Copy = { cursor: string; resources: Record<string, Resource> };

const { EVENTS: base, TOKEN: token } = process.env;
const file = process.argv[2] ?? 'copy.json';

async function get(path: string): Promise<Response> {
  for (;;) {
    const response = await fetch(base + path, { headers: { authorization: `Bearer ${token}` } }).catch(() => undefined);
    if (response?.ok || response?.status === 410) return response;
    if (response && response.status < 500 && response.status !== 429) throw new Error(`${response.status} ${await response.text()}`);
    // Not now: wait as long as the service says.
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response?.headers.get('retry-after') ?? 5)));
  }
}

/** Reads the whole directory. Events after its sequence bring it up to date. */
async function bootstrap(): Promise<Copy> {
  const response = await get('/snapshot');
  const copy: Copy = { cursor: response.headers.get('x-sequence')!, resources: {} };
  for (const line of (await response.text()).split('\n').filter(Boolean)) {
    const { id, meta, schemas, members = [], ...attributes } = JSON.parse(line);
    const key = `${meta.resourceType}/${id}`;
    // A large group has several lines, each with a part of its members.
    const before = copy.resources[key]?.members ?? [];
    copy.resources[key] = { version: Number(meta.version.slice(3, -1)), attributes, members: [...before, ...members.map(({ value }) => value)] };
  }
  return copy;
}

/** Applies an event. To apply it again changes nothing: it says what a value is now. */
function apply({ resources }: Copy, { type, data }: Event): void {
  const [kind, what] = type.split('.');
  const key = `${kind[0].toUpperCase()}${kind.slice(1)}/${data[kind].id}`;
  if (what === 'deleted' || what === 'erased') return void delete resources[key];
  const resource = (resources[key] ??= { version: 0, members: [], attributes: {} });
  resource.version = Math.max(resource.version, data[kind].version);
  const member = (data.user ?? data.member)?.id;
  if (what === 'member_added') resource.members = [...new Set([...resource.members, member])];
  if (what === 'member_removed') resource.members = resource.members.filter((id) => id !== member);
  // What an application needs of a person is a few paths. `copy.mjs` of the simulator applies any.
  for (const { path, new: value } of data.changes ?? []) resource.attributes[path] = value;
}

/** Compares the copy with the digest: 256 buckets of ids and versions. */
async function isInSync({ resources }: Copy): Promise<boolean> {
  const buckets = Array.from({ length: 256 }, () => 0n);
  const sha = (text: string) => createHash('sha256').update(text).digest();
  for (const [key, { version }] of Object.entries(resources)) {
    const id = key.slice(key.indexOf('/') + 1);
    buckets[sha(id)[0]] ^= BigInt(`0x${sha(`${key}/${version}`).subarray(0, 16).toString('hex')}`);
  }
  const digest = await (await get('/digest')).json();
  return digest.buckets.every(({ hash }, n) => BigInt(`0x${hash}`) === buckets[n]);
}

/** Writes the copy and its cursor together, so that a restart finds both or neither. */
async function save(copy: Copy): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(copy));
  await rename(`${file}.new`, file);
}

let copy: Copy = await readFile(file, 'utf8').then(JSON.parse, bootstrap);
for (;;) {
  await save(copy);
  const response = await get(`/?after=${copy.cursor}&limit=1000&wait=20`);
  if (response.status === 410) {
    copy = await bootstrap();
    continue;
  }
  const { events, next, more } = await response.json();
  for (const event of events) apply(copy, event);
  copy.cursor = next;
  if (!more && events.length) console.log(`${copy.cursor}: ${Object.keys(copy.resources).length} resources, in sync: ${await isInSync(copy)}`);
}
