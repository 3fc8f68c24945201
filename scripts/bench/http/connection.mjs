// One keep-alive connection that sends a request at a time. It is written by hand on a socket, since a client with a
// pool, streams and header objects takes as long as the server that is measured. Not here: what is requested
// (client.mjs).

import { connect } from 'node:net';
import { once } from 'node:events';

const end = Buffer.from('\r\n\r\n');

/** Returns the first answer in the bytes, or undefined if it is not complete yet: { status, body, size, closes }. */
function firstAnswer(bytes) {
  const at = bytes.indexOf(end);
  if (at < 0) return undefined;
  const head = bytes.toString('latin1', 0, at);
  const status = Number(head.slice(9, 12));
  const start = at + end.length;
  const closes = head.startsWith('HTTP/1.0') || /\r\nconnection: close/i.test(head);
  if (status === 204 || status === 304) return { status, body: '', size: start, closes };
  const length = head.match(/\r\ncontent-length: (\d+)/i);
  if (length) {
    const size = start + Number(length[1]);
    return bytes.length < size ? undefined : { status, body: bytes.toString('utf8', start, size), size, closes };
  }
  const chunks = unchunked(bytes, start);
  return chunks && { status, ...chunks, closes };
}

/** Returns the chunks from `at` on (RFC 9112 s7.1), or undefined if the last one is not there yet. */
function unchunked(bytes, at) {
  const parts = [];
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const next = line + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(parts).toString('utf8'), size: next };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = next;
  }
}

/** Returns the bytes of a request. They are made before the clock starts. */
export function request(base, token, method, path, body) {
  const { host, pathname } = new URL(base);
  const text = body === undefined ? '' : JSON.stringify(body);
  const head = [
    `${method} ${pathname.replace(/\/$/, '')}${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'Accept: application/scim+json',
    ...(text ? ['Content-Type: application/scim+json', `Content-Length: ${Buffer.byteLength(text)}`] : []),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
}

/**
 * A connection to the host and port of `base`. If the server closes it after an answer, a new one is opened, outside
 * of the clock.
 */
export class Connection {
  constructor(base) {
    const { hostname, port } = new URL(base);
    if (hostname !== '127.0.0.1') throw new Error(`${hostname} is not loopback: only servers of this machine are measured`);
    this.address = { host: hostname, port: Number(port), noDelay: true };
  }

  async open() {
    this.socket = connect(this.address);
    this.received = Buffer.alloc(0);
    this.socket.on('data', (bytes) => this.read(bytes));
    this.socket.on('close', () => this.fail(new Error('the server closed the connection')));
    this.socket.on('error', (error) => this.fail(error));
    await once(this.socket, 'connect');
  }

  close() {
    this.socket?.destroy();
    this.socket = undefined;
  }

  /** Sends the bytes of request() and returns { status, body, ms }. */
  async send(bytes) {
    if (!this.socket || this.socket.destroyed) await this.open();
    const begun = performance.now();
    const answer = await new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(bytes);
    });
    const ms = performance.now() - begun;
    if (answer.closes) this.close();
    return { status: answer.status, body: answer.body, ms };
  }

  read(bytes) {
    this.received = this.received.length ? Buffer.concat([this.received, bytes]) : bytes;
    const answer = firstAnswer(this.received);
    if (!answer) return;
    this.received = this.received.subarray(answer.size);
    this.settle('resolve', answer);
  }

  fail(error) {
    this.settle('reject', error);
  }

  settle(how, value) {
    const waiting = this.waiting;
    this.waiting = undefined;
    waiting?.[how](value);
  }
}
