// Reading a secret from a person or from a pipe: never from the command line, which a shell keeps in its history.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UserError } from './process.mjs';

/** Returns whether a person can be asked, and sees what is printed. */
export const atTerminal = () => Boolean(process.stdin.isTTY && process.stdout.isTTY);

/** Asks at the terminal and returns the line; what is typed is not shown. */
export function askHidden(question) {
  // readline echoes into its output, so it gets an output that discards everything.
  const nowhere = new Writable({ write: (chunk, encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  // Not into standard output, which may be a pipe to a password manager.
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    reader.on('SIGINT', () => reject(new UserError('stopped: nothing was changed')));
    reader.on('line', (line) => resolve(line.trim()));
    reader.on('close', () => reject(new UserError('stopped: nothing was changed')));
  }).finally(() => {
    reader.close();
    process.stderr.write('\n');
  });
}

/** Reads standard input to its end, without the line end that `echo` and editors add. */
export async function readStandardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8').trim();
}
