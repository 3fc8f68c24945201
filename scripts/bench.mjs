// `npm run bench`: how long the core takes (crates/scim/benches), and in the same run the npm library scim-patch, on
// the same user and operations. The library is installed into .tools/bench: the project does not depend on it. `npm
// run bench -- http` measures the built Worker over HTTP instead: bench/http/main.mjs.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { secretsOfNpm } from './lib/environment.mjs';
import { newerNode, root, tools } from './lib/paths.mjs';
import { capture, main, run, UserError } from './lib/process.mjs';
import { step } from './lib/steps.mjs';
import { ensureSetup } from './setup.mjs';

const rival = { name: 'scim-patch', version: '0.8.3' };

const wholePatch = 'patch/4 operations';
const applied = 'patch/4 operations, read before';
const benches = [
  ...['filter/one term', 'filter/five terms', wholePatch, applied],
  ...['render/100 users', 'render/100 users, 3 attributes', 'fold/ASCII', 'fold/Unicode'],
];

const folder = join(tools, 'bench');
const inLibrary = (...path) => join(folder, 'node_modules', rival.name, ...path);
const input = (name) => join(root, 'crates', 'scim', 'benches', name);

async function ensureRival() {
  const manifest = inLibrary('package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === rival.version) return;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${rival.name}@${rival.version}`];
  await step(`installing ${rival.name} ${rival.version} into .tools/bench`, 'once, a few seconds', () => run('npm', args, { secrets: secretsOfNpm }));
}

async function targetFolder() {
  const { stdout } = await capture('cargo', ['metadata', '--format-version', '1', '--no-deps']);
  return JSON.parse(stdout).target_directory;
}

/** Returns nanoseconds: the median as criterion writes it. */
function median(target, bench) {
  const place = bench.replaceAll('/', '_');
  const estimates = JSON.parse(readFileSync(join(target, 'criterion', place, 'new', 'estimates.json'), 'utf8'));
  return estimates.median.point_estimate;
}

async function ofRival() {
  const args = [join(root, 'scripts', 'bench', 'scim-patch.mjs'), inLibrary('lib', 'src', 'scimPatch.js'), input('user.json'), input('patch.json')];
  const { code, stdout, stderr } = await capture(newerNode() ?? process.execPath, args);
  if (code !== 0) throw new UserError(`${rival.name} failed:\n${stderr}`);
  return JSON.parse(stdout);
}

const micro = (nanoseconds) => `${(nanoseconds / 1000).toFixed(2)} µs`.padStart(12);

async function core() {
  await ensureRival();
  await run('cargo', ['bench', '--package', 'scim', '--bench', 'core', '--locked']);
  const theirs = await ofRival();
  const target = await targetFolder();
  console.log('\nscim-edge, median');
  for (const bench of benches) console.log(`${micro(median(target, bench))}  ${bench}`);
  const compared = (nanoseconds, ours) => `${micro(nanoseconds)}  (${(nanoseconds / median(target, ours)).toFixed(1)} times ours)`;
  console.log(`\n${rival.name} ${rival.version}, the same PATCH on the same user, median`);
  console.log(`${compared(theirs.fromBody, wholePatch)}  the body's text to the changed document, the one before untouched`);
  console.log(`${compared(theirs.inPlace, applied)}  operations read before; theirs changes the document in place, ours leaves it`);
}

/** Runs in a process of its own, since miniflare needs the newer Node. */
async function overHttp(script, args) {
  await ensureSetup();
  await build();
  await run(newerNode(), [join(root, 'scripts', 'bench', 'http', script), ...args]);
}

const [what, ...rest] = process.argv.slice(2);
await main(() => {
  if (what === undefined) return core();
  if (what === 'http') return overHttp('main.mjs', rest);
  if (what === 'lookup') return overHttp('lookup.mjs', rest);
  throw new UserError(`\`npm run bench\` measures the core and \`npm run bench -- http\` the Worker; there is no \`${what}\``);
});
