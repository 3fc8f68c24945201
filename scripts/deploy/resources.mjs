// The D1 database and the KV namespace of the account, found by name and created when missing.

import { UserError } from '../lib/process.mjs';
import { wranglerJson, wranglerOutput } from '../lib/wrangler.mjs';

// Silently: wrangler would explain how to write the id into wrangler.toml, which this project does not need.
async function create(...args) {
  const { code, stdout, stderr } = await wranglerOutput(...args);
  if (code !== 0) throw new UserError(`wrangler ${args.join(' ')} failed:\n${stderr}${stdout}`);
}

async function findOrCreate(what, name, list, createArguments) {
  const find = async () => (await list()).find((each) => (each.name ?? each.title) === name);
  let found = await find();
  if (!found) {
    console.log(`[scim-edge] creating the ${what} ${name}`);
    await create(...createArguments, name);
    found = await find();
  }
  const id = found?.uuid ?? found?.id;
  if (!id) throw new UserError(`the ${what} ${name} was created, but wrangler does not list it`);
  console.log(`[scim-edge] ${what} ${name}: ${id}`);
  return id;
}

/** Lists the databases. It is the first call that needs an account, so it explains how to get access. */
async function listDatabases() {
  try {
    return await wranglerJson('d1', 'list', '--json');
  } catch (error) {
    throw new UserError(`${error.message}\nLog in with \`npm run wrangler -- login\`, or set CLOUDFLARE_API_TOKEN.`);
  }
}

const listNamespaces = () => wranglerJson('kv', 'namespace', 'list');

export const ensureDatabase = (name) => findOrCreate('D1 database', name, listDatabases, ['d1', 'create']);

export const ensureNamespace = (name) => findOrCreate('KV namespace', name, listNamespaces, ['kv', 'namespace', 'create']);
