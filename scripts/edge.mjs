// `npm run edge -- rebuild <tenant>`: has the copy of a tenant's directory in Workers KV built anew. It is `npm run tenant --
// rebuild-edge <tenant>`, with the same options.

import { main, UserError } from './lib/process.mjs';
import { adminApi } from './tenant/api.mjs';
import { readArguments } from './tenant/arguments.mjs';
import { commands } from './tenant/commands.mjs';

await main(async () => {
  const [act, ...args] = process.argv.slice(2);
  if (act !== 'rebuild') throw new UserError('`npm run edge -- rebuild <tenant>` is what there is');
  const { tenant, options } = readArguments(['rebuild-edge', ...args]);
  await commands['rebuild-edge'](await adminApi(options), tenant, options);
});
