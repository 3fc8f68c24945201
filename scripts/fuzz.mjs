// `npm run fuzz -- [target] [seconds]`: fuzzes one target, or each of them, for that many seconds (20). Inputs that
// it discovers stay in fuzz/corpus/, and those that fail in fuzz/artifacts/; neither is committed.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cargoProgram, root, tools } from './lib/paths.mjs';
import { capture, isMain, main, run, UserError } from './lib/process.mjs';
import { step } from './lib/steps.mjs';
import { writeDictionary, writeSeeds } from './fuzz/seeds.mjs';

const cargoFuzz = '0.13.2';

/** The longest input of each target, which depends on the cost of one run of it. */
const longest = { filter: 4096, patch: 4096, request: 8192, agreement: 1024, oauth: 4096 };

const targets = [...readFileSync(join(root, 'fuzz', 'Cargo.toml'), 'utf8').matchAll(/^name = "(\w+)"$/gm)].map(([, name]) => name);

async function hasNightly() {
  try {
    // rustup must say whether there is one, and not download it.
    const env = { RUSTUP_AUTO_INSTALL: '0' };
    return (await capture('cargo', ['+nightly', '--version'], { env })).code === 0;
  } catch {
    return false;
  }
}

async function ensureCargoFuzz() {
  const program = cargoProgram('cargo-fuzz');
  if (existsSync(program) && (await capture(program, ['--version'])).stdout.trim().endsWith(` ${cargoFuzz}`)) return;
  const args = ['install', `cargo-fuzz@${cargoFuzz}`, '--debug', '--force', '--locked', '--root', tools];
  const env = { CARGO_PROFILE_DEV_DEBUG: '0', CARGO_INCREMENTAL: '0' };
  await step(`building cargo-fuzz ${cargoFuzz} into .tools/`, 'once, about a minute', () => run('cargo', args, { env }));
}

async function fuzz(target, seconds) {
  const corpus = join(root, 'fuzz', 'corpus', target);
  const seeds = join(root, 'fuzz', 'corpus', `${target}.seeds`);
  mkdirSync(corpus, { recursive: true });
  const count = writeSeeds(target, seeds);
  const dictionary = join(root, 'fuzz', 'corpus', 'words.dict');
  writeDictionary(dictionary);
  const bounds = [
    ...[`-max_total_time=${seconds}`, `-max_len=${longest[target] ?? 4096}`, '-timeout=10', '-rss_limit_mb=2048'],
    ...[`-dict=${dictionary}`, '-print_final_stats=1', '-len_control=0'],
    // The database that outlives an input would be taken for a leak, and searched for after each input.
    '-detect_leaks=0',
  ];
  console.log(`\n== fuzz ${target}: ${seconds} s, ${count} seeds`);
  await run('cargo', ['+nightly', 'fuzz', 'run', target, corpus, seeds, '--', ...bounds]);
}

async function fuzzAll() {
  const [first, second] = process.argv.slice(2);
  const named = first !== undefined && !/^\d+$/.test(first);
  const seconds = Number((named ? second : first) ?? 20);
  if (named && !targets.includes(first)) throw new UserError(`there is no target \`${first}\`; there are ${targets.join(', ')}`);
  if (!Number.isInteger(seconds) || seconds < 1) throw new UserError('the seconds are a number from 1 on');
  if (!(await hasNightly())) {
    if (!process.env.CI) throw new UserError('fuzzing needs a nightly Rust: rustup toolchain install nightly --profile minimal');
    console.log('fuzzing is left out: there is no nightly Rust');
    return;
  }
  await ensureCargoFuzz();
  for (const target of named ? [first] : targets) await fuzz(target, seconds);
}

if (isMain(import.meta)) main(fuzzAll);
