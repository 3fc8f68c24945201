// The wasm target, and the two Rust programs that turn a crate into a Worker, built into .tools/.
// tools/rust/Cargo.lock fixes their versions and dependencies; tests/repository/supply-chain.test.mjs compares it
// with Cargo.lock.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cargoProgram, root, tools } from '../lib/paths.mjs';
import { attempt, capture, run, UserError } from '../lib/process.mjs';
import { step } from '../lib/steps.mjs';

const target = 'wasm32-unknown-unknown';
const manifest = join(root, 'tools', 'rust', 'Cargo.toml');
const lock = join(root, 'tools', 'rust', 'Cargo.lock');

/** The hash of what the programs in .tools/ were built from. */
const stamp = join(tools, 'rust.sha256');

/** Set only by hand: programs whose dependencies no checksum of this repository covers. */
const unlocked = process.env.SCIM_EDGE_UNLOCKED === '1';

const noRust = `Rust is missing: \`cargo\` is not on the PATH.
Install it with rustup (https://rustup.rs), open a new terminal and run this again.`;

const noRustup = `The compile target ${target} is missing, and there is no \`rustup\` to add it.
Install Rust with rustup (https://rustup.rs), or add the target with the package manager that brought cargo.`;

const noTools = `The Rust tools could not be built; what stopped it stands above.
On Linux they need a C compiler and the headers of OpenSSL:
  Debian, Ubuntu   sudo apt-get install build-essential pkg-config libssl-dev
  Fedora           sudo dnf install gcc pkgconf openssl-devel`;

const notAsLocked = `${noTools}
Where your registry lacks a version that tools/rust/Cargo.lock names, SCIM_EDGE_UNLOCKED=1 takes the newest that fit in their
place. Their checksums are then the registry's word alone (docs/SECURITY.md, Supply chain).`;

async function answers(program, ...args) {
  try {
    return await capture(program, args);
  } catch {
    return { code: 1, stdout: '' };
  }
}

async function ensureTarget() {
  const { stdout } = await answers('rustc', '--print', 'target-libdir', '--target', target);
  if (stdout && existsSync(stdout.trim())) return;
  if ((await answers('rustup', '--version')).code !== 0) throw new UserError(noRustup);
  await step(`adding the compile target ${target}`, 'a few seconds', () => run('rustup', ['target', 'add', target]));
}

// crate -> its program
const programs = { 'worker-build': 'worker-build', 'wasm-bindgen-cli': 'wasm-bindgen' };

const fingerprint = () => (unlocked ? 'unlocked' : createHash('sha256').update(readFileSync(lock)).digest('hex'));

function present() {
  const built = Object.values(programs).every((program) => existsSync(cargoProgram(program)));
  return built && existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === fingerprint();
}

// A debug build takes a third of the time of a release build, and both programs run for seconds at most.
const folder = join(tools, 'target');
const env = { CARGO_TARGET_DIR: folder, CARGO_PROFILE_DEV_DEBUG: '0', CARGO_INCREMENTAL: '0' };

/** Builds both at once, since they have most of their dependencies in common. */
async function buildLocked() {
  const chosen = Object.entries(programs).flatMap(([crate, program]) => ['--package', crate, '--bin', program]);
  const code = await attempt('cargo', ['build', '--locked', '--manifest-path', manifest, ...chosen], { env });
  if (code !== 0) throw new UserError(notAsLocked);
  for (const program of Object.values(programs).map(cargoProgram)) {
    mkdirSync(dirname(program), { recursive: true });
    renameSync(join(folder, 'debug', program.slice(dirname(program).length + 1)), program);
  }
}

async function buildUnlocked() {
  const versions = readFileSync(manifest, 'utf8');
  for (const [crate, program] of Object.entries(programs)) {
    const version = versions.match(new RegExp(`^${crate} = .*"=([^"]+)"`, 'm'))[1];
    const args = ['install', `${crate}@${version}`, '--bin', program, '--no-default-features', '--debug', '--force', '--root', tools];
    if ((await attempt('cargo', args, { env })) !== 0) throw new UserError(noTools);
  }
}

async function ensureTools() {
  if (present()) return;
  rmSync(stamp, { force: true });
  const how = unlocked ? 'without the lock file, as SCIM_EDGE_UNLOCKED asks' : 'by tools/rust/Cargo.lock';
  try {
    await step(`building the Rust tools into .tools/, ${how}`, 'once, about 2 min on two cores', unlocked ? buildUnlocked : buildLocked);
    writeFileSync(stamp, `${fingerprint()}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function ensureRust() {
  if ((await answers('cargo', '--version')).code !== 0) throw new UserError(noRust);
  await ensureTarget();
  await ensureTools();
}
