// The npm packages at the versions package.json pins, and a Node that is new enough for them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretsOfNpm } from '../lib/environment.mjs';
import { modules, newerNode, root } from '../lib/paths.mjs';
import { run, UserError } from '../lib/process.mjs';
import { step } from '../lib/steps.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

function installed(name, version) {
  try {
    return readJson(join(modules, name, 'package.json')).version === version;
  } catch {
    return false;
  }
}

function complete() {
  const { devDependencies } = readJson(join(root, 'package.json'));
  return Object.entries(devDependencies).every(([name, version]) => installed(name, version)) && newerNode();
}

// npm passes its own path to the scripts that it runs; otherwise it must be on the PATH.
function npm(...args) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js')
    ? run(process.execPath, [script, ...args], { secrets: secretsOfNpm })
    : run('npm', args, { secrets: secretsOfNpm, shell: process.platform === 'win32' });
}

export async function ensureNpmPackages() {
  if (complete()) return;
  await step('installing the npm packages', 'about 20 s, 450 MB', () => npm('ci', '--loglevel=error'));
  if (!complete()) {
    throw new UserError('no Node >= 22.12 for this platform comes from npm; install one and run this again');
  }
}
