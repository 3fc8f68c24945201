// What is downloaded to build and deploy is pinned by version and checksum, and the pins agree with each other. It
// reads only the repository, without a network. .github/workflows/audit.yml asks whether vulnerabilities are known.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name) => readFileSync(path(name), 'utf8');

/** Returns the packages of a Cargo.lock: { name, version, source, checksum }. */
function cratesOf(lock) {
  const parts = read(lock).split('[[package]]').slice(1);
  const value = (part, key) => part.match(new RegExp(`^${key} = "([^"]+)"`, 'm'))?.[1];
  return parts.map((part) => Object.fromEntries(['name', 'version', 'source', 'checksum'].map((key) => [key, value(part, key)])));
}

const versionsOf = (lock, crate) => cratesOf(lock).filter(({ name }) => name === crate).map(({ version }) => version);

test('every npm package has its checksum in the lock file, and none names a host', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const installed = Object.entries(packages).filter(([place]) => place !== '');
  assert.ok(installed.length > 90);
  const without = installed.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''));
  assert.deepEqual(without.map(([place]) => place), []);
  assert.deepEqual(installed.filter(([, { resolved }]) => resolved).map(([place]) => place), []);
});

test('every crate has its checksum in a lock file, and none comes from elsewhere than crates.io', () => {
  for (const [lock, least] of [['Cargo.lock', 150], ['fuzz/Cargo.lock', 50], ['tools/rust/Cargo.lock', 300]]) {
    // The project's own crates have no source.
    const foreign = cratesOf(lock).filter(({ source }) => source !== undefined);
    assert.ok(foreign.length > least, lock);
    for (const { name, source, checksum } of foreign) {
      assert.equal(source, 'registry+https://github.com/rust-lang/crates.io-index', `${lock}: ${name}`);
      assert.match(checksum ?? '', /^[0-9a-f]{64}$/, `${lock}: ${name}`);
    }
  }
});

test('the Rust tools have the versions of the libraries that they work on', () => {
  for (const [library, tool] of [['worker', 'worker-build'], ['wasm-bindgen', 'wasm-bindgen-cli']]) {
    const [version, ...more] = versionsOf('Cargo.lock', library);
    assert.deepEqual(more, []);
    assert.deepEqual(versionsOf('tools/rust/Cargo.lock', tool), [version], `${tool} in tools/rust must be that of ${library}`);
  }
});

test('the Rust tools in .tools/ were built by the lock file', { skip: process.env.SCIM_EDGE_UNLOCKED === '1' }, () => {
  const sha256 = createHash('sha256').update(readFileSync(path('tools/rust/Cargo.lock'))).digest('hex');
  assert.equal(read('.tools/rust.sha256').trim(), sha256);
});

const workflows = () => readdirSync(path('.github/workflows')).map((name) => `.github/workflows/${name}`);

test('every action is pinned by its commit, and no workflow may write', () => {
  for (const workflow of workflows()) {
    const text = read(workflow);
    const used = [...text.matchAll(/\buses: *(.*)$/gm)].map(([, action]) => action);
    assert.ok(used.length > 0, workflow);
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, workflow);
    assert.deepEqual([...text.matchAll(/^.*\bpermissions\b.*$/gm)].map(([line]) => line), ['permissions:'], workflow);
    assert.match(text, /^permissions:\n {2}contents: read\n(?! )/m, workflow);
  }
});

test('every lock file is audited, and watched for newer versions', () => {
  const audit = read('.github/workflows/audit.yml');
  const dependabot = read('.github/dependabot.yml');
  assert.match(audit, /^ +- run: cargo audit$/m);
  assert.match(audit, /^ +- run: npm audit /m);
  assert.match(audit, /^ +- cron: /m);
  for (const folder of ['fuzz', 'tools/rust']) {
    assert.ok(existsSync(path(`${folder}/Cargo.lock`)));
    assert.ok(audit.includes(`run: cargo audit --file ${folder}/Cargo.lock\n`), folder);
  }
  const watched = [...dependabot.matchAll(/package-ecosystem: (\S+)\n +director(?:y|ies): (.+)$/gm)].map(([, kind, place]) => `${kind} ${place}`);
  assert.deepEqual(watched, ['cargo ["/", "/tools/rust"]', 'cargo /fuzz', 'npm /', 'pip /tests/conformance', 'github-actions /']);
});
