// Installs what is missing, and only that: npm packages, the wasm target, two Rust tools. Runs under any Node from 18
// on, with nothing but Node's own modules. Not here: building (build.mjs).

import { isMain, main } from './lib/process.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';
import { ensureRust } from './setup/rust.mjs';

/** Installs everything that building, running and testing need. Takes milliseconds if everything is there. */
export async function ensureSetup() {
  await ensureNpmPackages();
  await ensureRust();
}

if (isMain(import.meta)) main(ensureSetup);
