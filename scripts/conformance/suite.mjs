// What the suites have in common: a program is run, and all that it prints is kept.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../lib/process.mjs';

/** Runs a suite's program, keeps its output as `output.txt` in the suite's folder, and returns both. */
export async function runProgram(folder, program, args, env = {}) {
  const ended = await capture(program, args, { cwd: folder, env: { NO_COLOR: '1', PYTHONHASHSEED: '0', ...env } });
  writeFileSync(join(folder, 'output.txt'), ended.stdout + ended.stderr);
  return ended;
}
