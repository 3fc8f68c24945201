// The seeds of the fuzz targets: the wire cases in the form that each target reads, and the words of the schemas. Not
// here: running the targets (fuzz.mjs).

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Returns the wire cases, one list of steps each. */
function cases() {
  const folder = join(root, 'tests', 'cases');
  return read(join(folder, 'index.json')).map(({ file }) => read(join(folder, file)).steps ?? []);
}

/** Returns the steps with values in the place of `{{...}}`: ids are counted, as the targets give them. */
function filled(steps) {
  const values = new Map([['tag', 't']]);
  let created = 0;
  return steps.map((step) => {
    const fill = (text) => text.replace(/\{\{([^}|]+)[^}]*\}\}/g, (_, name) => values.get(name) ?? name);
    const filledStep = JSON.parse(fill(JSON.stringify(step)));
    if (step.method === 'POST' && step.expect?.status === 201) {
      created += 1;
      for (const [name, place] of Object.entries(step.expect.capture ?? {})) {
        if (place === '/id') values.set(name, String(created).padStart(4, '0'));
      }
    }
    return filledStep;
  });
}

const body = (step) => (step.body === undefined ? (step.rawBody ?? '') : JSON.stringify(step.body));

function request(step) {
  const headers = Object.entries(step.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  return `${[`${step.method} ${step.path}`, ...headers].join('\n')}\n\n${body(step)}`;
}

function filters(step) {
  const query = new URLSearchParams((step.path ?? '').split('?')[1] ?? '');
  const paths = (step.body?.Operations ?? []).map((operation) => operation.path).filter((path) => typeof path === 'string');
  return [query.get('filter'), step.body?.filter, ...paths].filter((text) => typeof text === 'string');
}

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What OAuth reads: tokens of either kind, forms, Basic credentials, keys. */
const tokensAndForms = [
  `${base64url({ alg: 'RS256', kid: 'k' })}.${base64url({ iss: 'i', aud: ['a'], exp: 1.7e9, nbf: 1, sub: 's' })}.AAAA`,
  `${base64url({ alg: 'HS256', typ: 'at+jwt', kid: 'k' })}.${base64url({ iss: 'scim-edge', aud: 'a', client_id: 'c', jti: 'j' })}.AAAA`,
  'grant_type=client_credentials&client_id=a&client_secret=%41+b',
  'grant_type=client_credentials&client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer',
  `Basic ${Buffer.from('a:b').toString('base64')}`,
  JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', kid: 'k', use: 'sig', x: 'A'.repeat(43), y: 'A'.repeat(43) }] }),
];

/** Returns the seeds of a target. */
function seeds(target) {
  const conversations = cases().map(filled);
  const steps = conversations.flat();
  switch (target) {
    case 'filter':
      return steps.flatMap(filters);
    case 'patch':
      return steps.filter((step) => step.method === 'PATCH').map(body);
    case 'request':
      return conversations.map((steps) => steps.map(request).join('\n%%\n'));
    case 'oauth':
      return tokensAndForms;
    default:
      // Such a target reads bytes that make choices: arbitrary ones, but the same each time.
      return Array.from({ length: 64 }, (_, at) => createHash('shake256', { outputLength: 512 }).update(`${at}`).digest());
  }
}

/** Writes the seeds of a target into a folder of its own, which is emptied first. */
export function writeSeeds(target, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const texts = new Set(seeds(target).filter((seed) => seed.length));
  [...texts].forEach((text, at) => writeFileSync(join(folder, String(at)), text));
  return texts.size;
}

function names(attributes) {
  return attributes.flatMap(({ name, subAttributes = [] }) => [name, ...names(subAttributes)]);
}

/** Writes the words that have a meaning, one a line in libFuzzer's notation. */
export function writeDictionary(file) {
  const folder = join(root, 'schemas');
  const schemas = readdirSync(folder).map((name) => read(join(folder, name)));
  const words = [
    ...schemas.flatMap(({ id, attributes }) => [id, ...names(attributes)]),
    ...'eq ne co sw ew gt ge lt le pr and or not ( ) [ ] true false null'.split(' '),
    ...['"Operations"', '"op"', '"path"', '"value"', '"add"', '"replace"', '"remove"', '\n%%\n', '\n\n', 'W/"1"', 'bulkId:'],
    ...['GET /Users?', 'POST /Users', 'PATCH /Users/0001', 'PUT /Groups/0002', 'POST /Bulk', 'POST /.search', 'urn:x:2.0:User:'],
    ...['filter=', 'sortBy=', 'attributes=', 'excludedAttributes=', 'cursor=', 'count=', 'startIndex='],
  ];
  const escaped = (word) => word.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\x0a');
  writeFileSync(file, [...new Set(words)].map((word) => `"${escaped(word)}"\n`).join(''));
}
