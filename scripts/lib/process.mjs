// Starting other programs, and ending this one with a message that a person can act on. Not here: which programs
// there are.

import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './environment.mjs';
import { root } from './paths.mjs';

/** A failure that the message explains in full: shown without a stack trace. */
export class UserError extends Error {}

/**
 * Starts a program and returns its process. `env` is added to its environment, which has only those secrets of this
 * process whose names `secrets` matches (environment.mjs).
 */
export function start(program, args, { env, secrets, ...options }) {
  return spawn(program, args, { cwd: root, env: childEnvironment(env, secrets), ...options });
}

function ended(child, program) {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      const missing = error.code === 'ENOENT';
      reject(missing ? new UserError(`${program} is not installed, or not on the PATH`) : error);
    });
    child.on('close', (code, signal) => resolve(code ?? `signal ${signal}`));
  });
}

/** Runs a program on this terminal and stops everything when it fails. */
export async function run(program, args, options = {}) {
  const code = await attempt(program, args, options);
  if (code !== 0) throw new UserError(`failed (${code}): ${program} ${args.join(' ')}`);
}

/** Runs a program on this terminal and returns its exit code. */
export function attempt(program, args, options = {}) {
  return ended(start(program, args, { stdio: 'inherit', ...options }), program);
}

/** Runs a program silently and returns its exit code and all that it printed. */
export async function capture(program, args, options = {}) {
  const child = start(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (printed[name] += text));
  }
  return { code: await ended(child, program), ...printed };
}

/** Runs the body of a script: a `UserError` is a message and exit code 1, anything else a bug with its stack. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof UserError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Returns true if the script itself was started, false if another script imports it. */
export const isMain = (meta) => realpathSync(process.argv[1]) === fileURLToPath(meta.url);
