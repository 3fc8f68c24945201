// `npm run edge -- rebuild <tenant>`: writes the edge copy of a tenant anew, request by request, until all of it is done. `npm
// run edge -- show <tenant>` says how far it is. Local by default; `--remote --url https://host` for a deployment, with ADMIN_TOKEN in
// the environment or at the prompt.

import { parseArgs } from 'node:util';
import { main, UserError } from './lib/process.mjs';
import { adminApi } from './tenant/api.mjs';
import { edgeLine } from './tenant/format.mjs';

const usage = `npm run edge -- <command> <tenant>

  show <tenant>       how far its edge copy is
  rebuild <tenant>    writes the whole copy anew: after the database was set back, or where the copy is in doubt

\`--remote --url https://host\` asks another Worker than that of \`npm start\`.`;

function readArguments(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  try {
    return parseArgs({ args, options: { url: text, remote: flag, help: flag }, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${error.message.split(/[.\n]/)[0]}\n\n${usage}`);
  }
}

async function rebuild(api, path) {
  let { body } = await api('POST', `${path}/rebuild`);
  for (let before; body.on && (body.state !== 'following' || body.behind > 0); before = body) {
    if (body.state !== before?.state || body.behind !== before?.behind) console.log(edgeLine(body));
    // Another one may write the copy at the moment.
    await new Promise((resolve) => setTimeout(resolve, 200));
    ({ body } = await api('POST', path));
  }
  console.log(edgeLine(body));
}

await main(async () => {
  const { positionals, values } = readArguments(process.argv.slice(2));
  const [command, tenant, ...more] = positionals;
  if (!command || values.help) return console.log(usage);
  if (!['show', 'rebuild'].includes(command)) throw new UserError(`there is no command \`${command}\`\n\n${usage}`);
  if (!tenant || more.length) throw new UserError(`\`${command}\` needs the name of one tenant`);
  const api = await adminApi(values);
  const path = `/tenants/${encodeURIComponent(tenant)}/edge`;
  if (command === 'rebuild') return rebuild(api, path);
  console.log(edgeLine((await api('GET', path)).body));
});
