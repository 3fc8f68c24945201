// `npm run console`: prints a link that opens the console once, within five minutes. Local by default; `--remote --url https://host` for a
// deployment, with ADMIN_TOKEN in the environment or at the prompt.

import { parseArgs } from 'node:util';
import { main, UserError } from './lib/process.mjs';
import { adminApi } from './tenant/api.mjs';

const usage = `npm run console -- [options]

  prints a link that opens the console once, within five minutes

  --viewer            the person may see everything, and change nothing
  --person <name>     whom the link is for, as the console and the audit show it
  --remote --url https://host
                      asks another Worker than that of \`npm start\`, with ADMIN_TOKEN from the environment or at the prompt`;

function readArguments(args) {
  const options = { viewer: { type: 'boolean' }, person: { type: 'string' }, url: { type: 'string' }, remote: { type: 'boolean' }, help: { type: 'boolean' } };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UserError(`${error.message.split(/[.\n]/)[0]}\n\n${usage}`);
  }
}

await main(async () => {
  const { viewer, person, help, ...where } = readArguments(process.argv.slice(2));
  if (help) return console.log(usage);
  const api = await adminApi(where);
  const { body } = await api('POST', '/console/links', { role: viewer ? 'viewer' : 'admin', person });
  console.log(`\n  Console: ${body.url}\n\n  The link works once, until ${body.expires}; the person ${viewer ? 'may see every tenant, and change nothing' : 'may see and change every tenant'}.\n`);
});
