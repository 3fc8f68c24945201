// What the fuzz targets start from: the wire cases in the form that each target reads, and the words of the schemas.
// Not here: running the targets (fuzz.mjs).

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/place.mjs';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The wire cases, one list of steps each. */
function cases() {
  const folder = join(root, 'tests', 'cases');
  return read(join(folder, 'index.json')).map(({ file }) => read(join(folder, file)).steps ?? []);
}

/** The steps with values in the place of `{{...}}`: ids are counted, as the targets give them. */
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

/** The seeds of a target. */
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
    default:
      // What such a target reads are choices: bytes, as arbitrary as they are the same each time.
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

/** Writes the words that mean something, one a line in libFuzzer's notation. */
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
