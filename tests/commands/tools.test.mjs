// How the tools are built and run, with programs in their place that only record their calls: with the lock file, and
// without secrets. The scripts stand in a folder of their own, since they find everything relative to their own
// place.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const secrets = ['CLOUDFLARE_API_TOKEN', 'ADMIN_TOKEN', 'SCIM_TOKEN', 'SIGNING_SECRET'];
const marked = Object.fromEntries(secrets.map((name) => [name, 'marked']));

/**
 * Makes a folder with the scripts and `programs`, which record how they were called; `body` gets a function that runs
 * code in it.
 */
async function withScripts(programs, body) {
  const folder = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
  try {
    for (const part of ['scripts', 'tools/rust']) cpSync(join(repository, part), join(folder, part), { recursive: true });
    const notes = join(folder, 'notes');
    for (const [path, text] of Object.entries(programs)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      const note = `require('node:fs').appendFileSync(${JSON.stringify(notes)}, JSON.stringify({
        args: process.argv.slice(2), seen: ${JSON.stringify(secrets)}.filter((name) => name in process.env) }) + '\\n');`;
      writeFileSync(join(folder, path), `#!${process.execPath}\n${note}\n${text}\n`, { mode: 0o755 });
    }
    const run = async (script, env = {}) => {
      const { SCIM_EDGE_UNLOCKED, ...inherited } = process.env;
      writeFileSync(join(folder, 'run.mjs'), script);
      const child = spawn(process.execPath, ['run.mjs'], { cwd: folder, env: { ...inherited, ...marked, ...env } });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
      const code = await new Promise((resolve) => child.on('close', resolve));
      const calls = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : [];
      rmSync(notes, { force: true });
      return { code, output, calls };
    };
    await body(run, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const setUp = `import { main } from './scripts/lib/process.mjs'; import { ensureRust } from './scripts/setup/rust.mjs'; await main(ensureRust);`;

// .tools/bin comes before the PATH, so this is the cargo that the scripts find.
const cargo = (build) => ({
  '.tools/bin/cargo': `const [command] = process.argv.slice(2);
    if (command === 'build' || command === 'install') { ${build} }`,
});

const builds = cargo(`const fs = require('node:fs'), out = process.env.CARGO_TARGET_DIR + '/debug', bin = '.tools/bin/';
  fs.mkdirSync(out, { recursive: true });
  for (const name of ['worker-build', 'wasm-bindgen']) fs.writeFileSync(command === 'build' ? out + '/' + name : bin + name, '');`);

const built = ({ calls }) => calls.filter(({ args }) => args[0] !== '--version');

test('the Rust tools are built by the lock file, once, and no build script sees a secret', async () => {
  await withScripts(builds, async (run, folder) => {
    const first = await run(setUp);
    assert.equal(first.code, 0, first.output);
    const [{ args }, ...more] = built(first);
    assert.deepEqual(more, []);
    assert.deepEqual(args.slice(0, 3), ['build', '--locked', '--manifest-path']);
    assert.ok(existsSync(join(folder, '.tools/bin/worker-build')) && existsSync(join(folder, '.tools/bin/wasm-bindgen')));
    for (const { seen } of first.calls) assert.deepEqual(seen, []);
    assert.deepEqual(built(await run(setUp)), [], 'they are there');
    const lock = join(folder, 'tools/rust/Cargo.lock');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace('version = 4', 'version = 4\n'));
    assert.equal(built(await run(setUp)).length, 1, 'another lock file builds them anew');
  });
});

test('where the lock file cannot be met, nothing is built without it', async () => {
  await withScripts(cargo('process.exit(101);'), async (run) => {
    const result = await run(setUp);
    assert.equal(result.code, 1);
    assert.equal(built(result).length, 1);
    assert.match(result.output, /The Rust tools could not be built; [^]*SCIM_EDGE_UNLOCKED=1 takes the newest that fit/);
  });
});

test('tools without the lock file are built on demand, and used on demand alone', async () => {
  await withScripts(builds, async (run) => {
    const unlocked = { SCIM_EDGE_UNLOCKED: '1' };
    const commands = built(await run(setUp, unlocked)).map(({ args }) => args.slice(0, 2).join(' '));
    assert.equal(commands.length, 2);
    assert.match(commands[0], /^install worker-build@\d+\.\d+\.\d+$/);
    assert.match(commands[1], /^install wasm-bindgen-cli@\d+\.\d+\.\d+$/);
    assert.deepEqual(built(await run(setUp, unlocked)), []);
    assert.deepEqual(built(await run(setUp)).map(({ args }) => args[1]), ['--locked']);
  });
});

// wrangler's `[build]` starts it with wrangler's whole environment.
test('what builds the Worker sees no secret, though the script has them all', async () => {
  const programs = {
    '.tools/bin/worker-build': `require('node:fs').mkdirSync('build'); require('node:fs').writeFileSync('build/index_bg.wasm', '');`,
    '.tools/bin/wasm-bindgen': '',
    'node_modules/.bin/wasm-opt': '',
    'node_modules/.bin/esbuild': '',
  };
  await withScripts(programs, async (run) => {
    const { code, output, calls } = await run(`import { build } from './scripts/build.mjs'; await build();`);
    assert.equal(code, 0, output);
    assert.equal(calls.length, 2);
    for (const { seen } of calls) assert.deepEqual(seen, []);
  });
});
