// What the runtime is told about the Worker: the build output and the bindings that wrangler.toml declares.

import { readFileSync } from 'node:fs';

const fromRoot = (path) => new URL(`../../${path}`, import.meta.url);

function compatibilityDate() {
  const config = readFileSync(fromRoot('wrangler.toml'), 'utf8');
  return config.match(/^compatibility_date = "([^"]+)"$/m)[1];
}

function built(path) {
  try {
    return readFileSync(fromRoot(path));
  } catch (cause) {
    throw new Error(`there is no ${path}: run \`npm run build\` first`, { cause });
  }
}

const binding = (value) => (typeof value === 'string' ? { type: 'text', value } : { type: 'json', value });

export function workerConfig({ token, vars }) {
  const secret = token === null ? {} : { SCIM_TOKEN: token };
  const values = Object.entries({ ...vars, ...secret }).map(([name, value]) => [name, binding(value)]);
  return {
    name: 'scim-edge',
    compatibilityDate: compatibilityDate(),
    manifest: {
      mainModule: 'index.js',
      modules: {
        'index.js': { type: 'esm', contents: built('build/index.js').toString() },
        'index_bg.wasm': { type: 'wasm', contents: new Uint8Array(built('build/index_bg.wasm')) },
      },
    },
    env: {
      DB: { type: 'd1', id: 'DB' },
      DIRECTORY_COPY: { type: 'kv', id: 'DIRECTORY_COPY' },
      ...Object.fromEntries(values),
    },
  };
}
