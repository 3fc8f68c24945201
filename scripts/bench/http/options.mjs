// The options of `npm run bench -- http`. Not here: what they do.

import { parseArgs } from 'node:util';
import { UserError } from '../../lib/process.mjs';
import { peers } from './peers.mjs';

export const help = `npm run bench -- http [options]: the built Worker over HTTP, beside a bare Worker with D1 and servers of other projects

  --users 1000,10000   how many users the directory has, growing
  --peers a,b | none   whom else to measure: ${Object.keys(peers).join(', ')} (all of them)
  --builds name=path   further builds of the Worker (folders like build/), to compare them in one run; several with commas
  --steps word,word    only steps whose name has one of the words
  --rounds 30          how many rounds a step has; --size 10: how many requests a round
  --quick              1,000 users, 8 rounds, no peers: a look, not a measurement
  --write              put the table into docs/PERFORMANCE.md and the chart into docs/bench-http.svg`;

const list = (text) => text.split(',').map((word) => word.trim()).filter(Boolean);

function whole(name, text, most) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most) throw new UserError(`--${name} must be a whole number from 1 to ${most}, but is \`${text}\``);
  return number;
}

function folder(text) {
  const [name, path] = text.split('=');
  if (!name || !path) throw new UserError(`--builds is a list of name=path, but has \`${text}\``);
  return { name, path };
}

function chosenPeers(text) {
  const names = text === 'none' ? [] : list(text);
  const unknown = names.find((name) => !Object.hasOwn(peers, name));
  if (unknown) throw new UserError(`there is no peer \`${unknown}\`; there are ${Object.keys(peers).join(', ')}`);
  return names;
}

/** Parses the command line: { help, sizes, peers, builds, wanted, rounds, size, write }. */
export function readOptions(args) {
  const text = (value) => ({ type: 'string', default: value });
  const flag = { type: 'boolean', default: false };
  const options = {
    ...{ users: { type: 'string' }, peers: { type: 'string' }, builds: text(''), steps: text(''), rounds: { type: 'string' } },
    ...{ size: text('10'), quick: flag, write: flag, help: flag },
  };
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new UserError(`${error.message}\n\n${help}`);
  }
  const { quick } = values;
  const steps = list(values.steps);
  return {
    help: values.help,
    write: values.write,
    sizes: list(values.users ?? (quick ? '1000' : '1000,10000')).map((users) => whole('users', users, 100_000)).sort((one, other) => one - other),
    peers: chosenPeers(values.peers ?? (quick ? 'none' : Object.keys(peers).join(','))),
    builds: list(values.builds).map(folder),
    wanted: steps.length ? steps : undefined,
    rounds: whole('rounds', values.rounds ?? (quick ? '8' : '30'), 1_000),
    size: whole('size', values.size, 100),
  };
}
