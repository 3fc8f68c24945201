// The log of a Worker under test. A line may come a little later than the answer that it is about.

import { setTimeout as pause } from 'node:timers/promises';

function parsed(message) {
  try {
    return JSON.parse(message);
  } catch {
    return { message };
  }
}

/** Waits for the log line for which `wanted` returns true, and returns it parsed. */
export async function lineWith({ logs }, wanted) {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const line = logs.map(({ message }) => parsed(message)).find(wanted);
    if (line) return line;
    await pause(5);
  }
  throw new Error(`no such line in the log: ${JSON.stringify(logs)}`);
}

/** Waits for the line of this answer's request in the log, and returns it. */
export function lineOf(worker, { headers }) {
  const id = headers.get('x-correlation-id');
  return lineWith(worker, ({ message, correlationId }) => message === 'request' && correlationId === id);
}

/** Returns all lines about this answer's request; the last one is the request's own. */
export async function linesOf(worker, answer) {
  const { correlationId } = await lineOf(worker, answer);
  return worker.logs.filter(({ message }) => message.includes(correlationId)).map(({ message }) => parsed(message));
}
