// `npm run tenant -- <command> ...`: tenants and their tokens, through the administration of a running Worker. `npm
// run export -- <tenant> ...` and `npm run import -- <tenant> ...` are two of its commands. Local by default;
// `--remote --url https://host` for a deployment, with ADMIN_TOKEN in the environment or at the prompt.

import { main } from './lib/process.mjs';
import { adminApi } from './tenant/api.mjs';
import { readArguments, usage } from './tenant/arguments.mjs';
import { commands } from './tenant/commands.mjs';

await main(async () => {
  const { command, tenant, options } = readArguments(process.argv.slice(2));
  if (!command) return console.log(usage);
  await commands[command](await adminApi(options), tenant, options);
});
