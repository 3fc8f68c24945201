// Compiles the Worker to build/: wasm by cargo, glue by worker-build. wrangler's [build] calls this file too.
// Not here: installing the tools it needs (setup.mjs).

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cargoProgram, npmProgram, root } from './lib/paths.mjs';
import { isMain, main, run, UserError } from './lib/process.mjs';
import { step } from './lib/steps.mjs';

// Everything that the compiled Worker depends on; the lock files stand for the tools.
const inputs = ['Cargo.toml', 'Cargo.lock', 'package-lock.json', 'tools/rust', 'rust-toolchain.toml', '.cargo', 'src', 'crates', 'examples/edge-reader', 'schemas', 'resource-types', 'migrations'];

function* files(folder, path) {
  if (!existsSync(join(folder, path))) return;
  if (statSync(join(folder, path)).isFile()) yield path;
  else for (const name of readdirSync(join(folder, path)).sort()) if (name !== 'target') yield* files(folder, `${path}/${name}`);
}

/** Returns the paths, within a folder, of all that the Worker is compiled from. */
export const sources = (folder) => inputs.flatMap((input) => [...files(folder, input)]);

// Contents, not times: a checkout or a copy touches every file and changes nothing.
function fingerprint(folder, options) {
  const hash = createHash('sha256');
  for (const path of sources(folder)) hash.update(`${path}\0`).update(readFileSync(join(folder, path))).update('\0');
  return hash.update(options.join('\0')).digest('hex');
}

function upToDate(built, stamp, now) {
  const parts = ['index.js', 'index_bg.wasm'].every((name) => existsSync(join(built, name)));
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

/**
 * Builds a Worker in `folder`/build that fits the folder's sources and the options for cargo. Without a change it only
 * reads them. `what` names it on the terminal; `more` is added to the environment.
 */
export async function compile(folder, what, options = [], more = {}) {
  const built = join(folder, 'build');
  const stamp = join(built, 'inputs.sha256');
  const now = fingerprint(folder, options);
  if (upToDate(built, stamp, now)) return;
  const env = { ...programs(), ...more };
  rmSync(stamp, { force: true });
  await step(`building ${what}`, '1 to 2 min the first time', async () => {
    await run(cargoProgram('worker-build'), ['--release', '.', ...options], { env, cwd: folder });
    // worker-build keeps the names of functions, which are a tenth of the download; without them, -O finds 2 KB more.
    const wasm = join(built, 'index_bg.wasm');
    await run(env.WASM_OPT_BIN, [wasm, '-O', '--strip-debug', '--strip-producers', '-o', wasm], {});
  });
  writeFileSync(stamp, now);
}

/** Builds the Worker that ships in build/. */
export const build = () => compile(root, 'the Worker');

if (isMain(import.meta)) main(build);
