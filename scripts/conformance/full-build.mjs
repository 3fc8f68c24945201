// The Worker as the suites of resource types and of D1 need it: with all of examples/resource-types switched on, as its README
// says that a vendor does, and with the endpoint of the contract. It is built from a copy of the sources in target/full, so that
// the Worker that ships stays what it is, and both stay built.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile, sources } from '../build.mjs';
import { root } from '../lib/paths.mjs';

/** The folder of its sources, within the repository. */
export const full = 'target/full';

const examples = join(root, 'examples', 'resource-types');

/** Returns the documents of the examples, by where they go: `schemas/role.json` and `resource-types/role.json`. */
function documents() {
  const names = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const ofType = (name) => [
    [`schemas/${name}.json`, join(examples, name, 'schema.json')],
    [`resource-types/${name}.json`, join(examples, name, 'resource-type.json')],
  ];
  return names.flatMap(ofType);
}

/** Makes the folder hold these files and no others. A file that is already as it must be is not touched: cargo goes by times. */
function mirror(into, wanted) {
  for (const path of sources(into)) if (!wanted.has(path)) rmSync(join(into, path));
  for (const [path, from] of wanted) {
    const to = join(into, path);
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
}

/** Builds that Worker in target/full/build. Without a change it only compares. */
export async function buildFull() {
  const into = join(root, full);
  mirror(into, new Map([...sources(root).map((path) => [path, join(root, path)]), ...documents()]));
  // cargo distinguishes crates by their place in the workspace: in one target folder it would take the copy's for the Worker's own.
  const env = { CARGO_TARGET_DIR: join(into, 'target') };
  await compile(into, 'the Worker with every example', ['--features', 'contract'], env);
}
