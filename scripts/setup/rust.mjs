// The wasm target, and the two Rust programs that turn a crate into a Worker, built into .tools/.
// Their versions come from Cargo.lock: wasm-bindgen's CLI must equal its library,
// and worker-build is released together with `worker`, under the same number.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cargoProgram, root, tools } from '../lib/place.mjs';
import { attempt, capture, run, Stop } from '../lib/process.mjs';
import { step } from '../lib/steps.mjs';

const target = 'wasm32-unknown-unknown';

const noRust = `Rust is missing: \`cargo\` is not on the PATH.
Install it with rustup (https://rustup.rs), open a new terminal and run this again.`;

const noRustup = `The compile target ${target} is missing, and there is no \`rustup\` to add it.
Install Rust with rustup (https://rustup.rs), or add the target with the package manager that brought cargo.`;

const noTool = (crate) => `${crate} could not be built; what stopped it stands above.
On Linux it needs a C compiler and the headers of OpenSSL:
  Debian, Ubuntu   sudo apt-get install build-essential pkg-config libssl-dev
  Fedora           sudo dnf install gcc pkgconf openssl-devel`;

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
  if ((await answers('rustup', '--version')).code !== 0) throw new Stop(noRustup);
  await step(`adding the compile target ${target}`, 'a few seconds', () => run('rustup', ['target', 'add', target]));
}

function lockedVersion(name) {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  const found = lock.match(new RegExp(`name = "${name}"\\r?\\nversion = "([^"]+)"`));
  if (!found) throw new Stop(`Cargo.lock knows no \`${name}\`: run \`cargo generate-lockfile\``);
  return found[1];
}

const wanted = () => [
  { program: 'worker-build', crate: 'worker-build', version: lockedVersion('worker'), about: '80 s', flags: [] },
  {
    program: 'wasm-bindgen',
    crate: 'wasm-bindgen-cli',
    version: lockedVersion('wasm-bindgen'),
    about: '40 s',
    // The other programs of that crate run browser tests and would bring a TLS stack along.
    flags: ['--bin', 'wasm-bindgen', '--no-default-features'],
  },
];

async function present({ program, version }) {
  const { stdout } = await answers(cargoProgram(program), '--version');
  return stdout.trim().split(/\s+/).at(-1) === version;
}

// A debug build takes a third of the time of a release build, and both programs work for seconds at most.
async function install({ crate, version, flags }) {
  const env = {
    CARGO_TARGET_DIR: join(tools, 'target'),
    CARGO_PROFILE_DEV_DEBUG: '0',
    CARGO_INCREMENTAL: '0',
  };
  const args = ['install', `${crate}@${version}`, '--debug', '--force', '--root', tools, ...flags];
  if ((await attempt('cargo', [...args, '--locked'], { env })) === 0) return;
  // A mirror may lack the very versions that the crate's own lock file names.
  console.log(`[scim-edge] ${crate} with its own lock file failed: once more with newer dependencies`);
  if ((await attempt('cargo', args, { env })) !== 0) throw new Stop(noTool(crate));
}

async function ensureTools() {
  try {
    for (const tool of wanted()) {
      if (await present(tool)) continue;
      const what = `building ${tool.crate} ${tool.version} into .tools/`;
      await step(what, `once, about ${tool.about} on two cores`, () => install(tool));
    }
  } finally {
    rmSync(join(tools, 'target'), { recursive: true, force: true });
  }
}

export async function ensureRust() {
  if ((await answers('cargo', '--version')).code !== 0) throw new Stop(noRust);
  await ensureTarget();
  await ensureTools();
}
