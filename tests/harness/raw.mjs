// HTTP written by hand on a socket, for what fetch does not send: made-up methods, chunks, bytes that are not a URL.

import { connect } from 'node:net';

/** Returns the head of a request with the right token, and with these lines. */
export const head = (method, path, ...lines) => [
  `${method} /scim/v2${path} HTTP/1.1`,
  'Host: localhost',
  'Authorization: Bearer test-token',
  ...lines,
];

/** Sends `head` (lines without their ends) and `chunks`, and reads the one answer: { status, headers, body, text }. */
export function rawRequest(url, head, chunks = []) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const received = [];
    const finish = () => {
      const text = Buffer.concat(received).toString('utf8');
      if (text) resolve(answer(text));
      else reject(new Error(`no answer to ${head[0]}`));
    };
    // A server that refuses a body may answer before all of it was sent, and close: from then on nothing more is
    // sent. One that refuses by the head alone has time to do so before the body: what has arrived is lost by a write that fails.
    const pending = chunks.flatMap((chunk) => slices(Buffer.from(chunk), 16 * 1024));
    const writeNext = () => {
      if (received.length || socket.destroyed || !pending.length) return;
      socket.write(pending.shift(), () => setImmediate(writeNext));
    };
    socket.on('connect', () =>
      socket.write(`${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`, () => setTimeout(writeNext, 20)),
    );
    socket.on('data', (data) => received.push(data));
    socket.on('close', finish);
    socket.on('error', (error) => (received.length ? finish() : reject(error)));
  });
}

function slices(bytes, size) {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
}

/** Returns the body in HTTP/1.1 chunks of at most `size` bytes. */
export function chunked(bytes, size = 64 * 1024) {
  const chunks = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    chunks.push(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
  }
  return [...chunks, Buffer.from('0\r\n\r\n')];
}

function unchunked(text) {
  let rest = Buffer.from(text);
  const parts = [];
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (!(size > 0)) return Buffer.concat(parts).toString('utf8');
    parts.push(rest.subarray(end + 2, end + 2 + size));
    rest = rest.subarray(end + 4 + size);
  }
}

function answer(text) {
  const at = text.indexOf('\r\n\r\n');
  const [statusLine, ...lines] = text.slice(0, at).split('\r\n');
  const headers = new Headers(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  const rest = text.slice(at + 4);
  const body = headers.get('transfer-encoding') === 'chunked' ? unchunked(rest) : rest;
  let json;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  return { status: Number(statusLine.split(' ')[1]), headers, body: json, text: body };
}
