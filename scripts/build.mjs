// Compiles the Worker to build/: wasm by cargo, glue by worker-build. wrangler's [build] calls this file too.
// Not here: installing the tools it needs (setup.mjs).

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cargoProgram, npmProgram, output, root } from './lib/paths.mjs';
import { isMain, main, run, UserError } from './lib/process.mjs';
import { step } from './lib/steps.mjs';

// Everything that the compiled Worker depends on; the lock files stand for the tools.
const inputs = ['Cargo.toml', 'Cargo.lock', 'package-lock.json', 'tools/rust', 'rust-toolchain.toml', '.cargo', 'src', 'crates', 'schemas', 'resource-types', 'migrations'];
const stamp = join(output, 'inputs.sha256');

function* files(path) {
  if (!existsSync(join(root, path))) return;
  if (statSync(join(root, path)).isFile()) yield path;
  else for (const name of readdirSync(join(root, path)).sort()) if (name !== 'target') yield* files(`${path}/${name}`);
}

// Contents, not times: a checkout or a copy touches every file and changes nothing.
function fingerprint() {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const path of files(input)) hash.update(`${path}\0`).update(readFileSync(join(root, path))).update('\0');
  }
  return hash.digest('hex');
}

function upToDate(now) {
  const parts = ['index.js', 'index_bg.wasm'].every((name) => existsSync(join(output, name)));
  return parts && existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
}

// worker-build downloads what it does not find, which takes minutes without a network.
function programs() {
  const found = {
    WASM_BINDGEN_BIN: cargoProgram('wasm-bindgen'),
    WASM_OPT_BIN: npmProgram('wasm-opt'),
    ESBUILD_BIN: npmProgram('esbuild'),
  };
  for (const path of [cargoProgram('worker-build'), ...Object.values(found)]) {
    if (!existsSync(path)) throw new UserError(`${path} is missing: run \`npm run setup\``);
  }
  return found;
}

/** Builds a Worker in build/ that fits the sources. Without a change it only reads them. */
export async function build() {
  const now = fingerprint();
  if (upToDate(now)) return;
  const env = programs();
  rmSync(stamp, { force: true });
  await step('building the Worker', '1 to 2 min the first time', async () => {
    await run(cargoProgram('worker-build'), ['--release'], { env });
    // worker-build keeps the names of functions, which are a tenth of the download; without them, -O finds 2 KB more.
    const wasm = join(output, 'index_bg.wasm');
    await run(env.WASM_OPT_BIN, [wasm, '-O', '--strip-debug', '--strip-producers', '-o', wasm], {});
  });
  writeFileSync(stamp, now);
}

if (isMain(import.meta)) main(build);
