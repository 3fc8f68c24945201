// The command line of `npm run simulate`.

import { parseArgs } from 'node:util';

const usage = `npm run simulate -- [options]

  --users 2000        users at the beginning
  --groups 50         groups at the beginning
  --cycles 5          incremental cycles after the initial one
  --faults 0          per cent of the requests that are late, lost or refused
  --flag              the dialect of the feature flag aadOptscim062020
  --seed 1            the same seed, the same directory and events
  --concurrency 16    requests at once
  --url, --token      an application that runs already, and is empty: Tenant URL and Secret Token
                      (SCIM_TOKEN in the environment does as well); without them a Worker of its own`;

const numbers = { users: 2000, groups: 50, cycles: 5, faults: 0, seed: 1, concurrency: 16 };

/** Returns the options, or { error } with what to print. */
export function readOptions(args) {
  const texts = Object.fromEntries(Object.keys(numbers).map((name) => [name, { type: 'string' }]));
  let values;
  try {
    ({ values } = parseArgs({ args, options: { ...texts, flag: { type: 'boolean' }, url: { type: 'string' }, token: { type: 'string' }, help: { type: 'boolean' } } }));
  } catch (error) {
    return { error: `${error.message}\n\n${usage}` };
  }
  if (values.help) return { error: usage };
  const options = { flag: values.flag ?? false, url: values.url, token: values.token ?? process.env.SCIM_TOKEN };
  for (const [name, standard] of Object.entries(numbers)) {
    options[name] = Number(values[name] ?? standard);
    if (!(options[name] >= 0)) return { error: `--${name} must be a number: ${values[name]}\n\n${usage}` };
  }
  if (options.url && !options.token) return { error: `--url needs --token, or SCIM_TOKEN\n\n${usage}` };
  return options;
}
