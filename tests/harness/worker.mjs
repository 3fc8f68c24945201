// The runtime's configuration of the Worker: the build output and the bindings that wrangler.toml declares.

import { readFileSync } from 'node:fs';

const fromRoot = (path) => new URL(`../../${path}`, import.meta.url);

const config = () => readFileSync(fromRoot('wrangler.toml'), 'utf8');

const compatibilityDate = () => config().match(/^compatibility_date = "([^"]+)"$/m)[1];

/** Returns the limits of wrangler.toml, by binding: { limit, period }. */
export function shippedRates() {
  const tables = config().matchAll(/^\[\[ratelimits\]\]\nname = "(\w+)"\nnamespace_id = "\d+"\nsimple = \{ limit = (\d+), period = (\d+) \}$/gm);
  return Object.fromEntries([...tables].map(([, name, limit, period]) => [name, { limit: Number(limit), period: Number(period) }]));
}

/** Limits that are never reached, for tests that send as many requests as they can. */
export const unlimited = Object.fromEntries(Object.keys(shippedRates()).map((name) => [name, { limit: 1_000_000, period: 10 }]));

function rateBindings(rates) {
  const all = Object.entries({ ...shippedRates(), ...rates }).filter(([, simple]) => simple !== null);
  return Object.fromEntries(all.map(([name, simple]) => [name, { type: 'rate-limit', namespace: name, simple }]));
}

function built(path) {
  try {
    return readFileSync(fromRoot(path));
  } catch (cause) {
    throw new Error(`there is no ${path}: run \`npm run build\` first`, { cause });
  }
}

/** What every runtime of the tests has in common: a port of its own, and no telemetry. */
export const local = { host: '127.0.0.1', port: 0, cf: false, telemetry: { enabled: false }, enableDevRegistry: false };

const binding = (value) => (typeof value === 'string' ? { type: 'text', value } : { type: 'json', value });

export function workerConfig({ token, vars, rates, database, around, folder = '.' }) {
  const secret = token === null ? {} : { SCIM_TOKEN: token };
  const values = Object.entries({ ...vars, ...secret }).map(([name, value]) => [name, binding(value)]);
  return {
    name: 'scim-edge',
    compatibilityDate: compatibilityDate(),
    manifest: {
      mainModule: around?.mainModule ?? 'index.js',
      modules: {
        ...around?.modules,
        'index.js': { type: 'esm', contents: built(`${folder}/build/index.js`).toString() },
        'index_bg.wasm': { type: 'wasm', contents: new Uint8Array(built(`${folder}/build/index_bg.wasm`)) },
      },
    },
    env: {
      DB: { type: 'd1', id: 'DB', ...(database && { dev: { remote: true } }) },
      DIRECTORY_COPY: { type: 'kv', id: 'DIRECTORY_COPY' },
      ...rateBindings(rates),
      ...Object.fromEntries(values),
    },
  };
}
