// SCIM servers of other projects: installed by name at pinned versions into .tools/bench, and started as processes that end
// with this one. Not here: how each is set up (peers/).

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newerNode, tools } from '../../lib/paths.mjs';
import { capture, start as startProgram } from '../../lib/process.mjs';
import { step } from '../../lib/steps.mjs';

const token = 'bench-token-of-at-least-32-characters';
const windows = process.platform === 'win32';
const program = (name) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

const node = (name) => (folder) => [newerNode(), [program(name), folder, token]];
const pythonOf = (folder) => join(folder, windows ? 'Scripts/python.exe' : 'bin/python');

/** The other servers. Where each keeps its data matters for the comparison; `keeps` says it in the table. */
export const peers = {
  'scim2-server': {
    keeps: 'Python, in memory',
    packages: ['scim2-server==0.8.3', 'scim2-models==0.12.3'],
    command: (folder) => [pythonOf(folder), [program('scim2-server.py'), token]],
    install: [
      (folder) => ['python3', ['-m', 'venv', folder]],
      (folder, packages) => [pythonOf(folder), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]],
    ],
  },
  scimmy: {
    keeps: 'Node, in memory',
    // With express 5 its `count` and `startIndex` are lost.
    packages: ['scimmy@1.3.5', 'scimmy-routers@1.3.2', 'express@4.21.2'],
    command: node('scimmy.mjs'),
    install: [npmInstall],
  },
  'better-auth': {
    keeps: 'Node, SQLite in memory',
    // It refuses a request with more members than it looks up at once.
    membersAtOnce: 100,
    packages: ['@better-auth/scim@1.7.5', 'better-auth@1.7.5', '@better-auth/core@1.7.5', '@better-auth/utils@0.4.2', 'better-call@1.4.0'],
    command: node('better-auth.mjs'),
    install: [npmInstall],
  },
};

function npmInstall(folder, packages) {
  return ['npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', ...packages]];
}

/** Installs the peer unless these very versions are there. */
async function ensure(name, { packages, install }) {
  const folder = join(tools, 'bench', name);
  const stamp = join(folder, 'versions.json');
  const versions = JSON.stringify(packages);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === versions) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await step(`installing ${packages[0]} into .tools/bench`, 'once, a few seconds', async () => {
    for (const command of install) {
      const { code, stderr } = await capture(...command(folder, packages));
      if (code !== 0) throw new Error(`cannot be installed: ${stderr.trim().split('\n').at(-1)}`);
    }
  });
  writeFileSync(stamp, versions);
  return folder;
}

/**
 * Starts the peer: { name, base, token, stop, keeps, membersAtOnce }. Throws if it cannot be installed or does not
 * start.
 */
export async function startPeer(name) {
  const folder = await ensure(name, peers[name]);
  const [command, args] = peers[name].command(folder);
  // Its standard input stays open as long as this process lives, so it ends however this process ends.
  const child = startProgram(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([new Promise((resolve) => lines.once('line', resolve)), ended.then(() => undefined)]);
  if (typeof first !== 'string') throw new Error('does not start');
  const { base } = JSON.parse(first);
  await answers(base, ended);
  return { name, base, token, stop, keeps: peers[name].keeps, membersAtOnce: peers[name].membersAtOnce };
}

/** Waits until a server listens there, ten seconds at most. */
async function answers(base, ended) {
  let gone = false;
  ended.then(() => (gone = true));
  for (let attempt = 0; attempt < 100 && !gone; attempt += 1) {
    try {
      await fetch(base).then((response) => response.arrayBuffer());
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error('does not answer');
}
