// The port to serve on, and whether it is free.

import { createServer } from 'node:net';
import { UserError } from './process.mjs';

export const host = '127.0.0.1';

export function portFromEnvironment() {
  const port = Number(process.env.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UserError(`PORT is \`${process.env.PORT}\`, but must be a number from 1 to 65535`);
  }
  return port;
}

/** Checks that the port is free, before minutes of set-up. */
export function assertPortFree(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const taken = error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code})`;
      reject(new UserError(`port ${port} ${taken}: choose another with \`PORT=8788 npm start\``));
    });
    probe.listen(port, host, () => probe.close(resolve));
  });
}
