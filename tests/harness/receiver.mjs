// A receiver of webhooks, as a vendor's application has one: it checks every signature with the library of Standard Webhooks, and
// answers as the test says.

import http from 'node:http';
import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';

/**
 * Starts a receiver. `answer(message)` returns what to answer: a status, or { status, headers, wait, endless }; 204 by default. Set
 * `secrets` to check signatures.
 *
 * Returns { url, received, secrets, until, stop }; `received` has { id, headers, body, at, verified } of every request, and
 * until(count) waits for so many of them.
 */
export async function startReceiver({ answer = () => 204, port = 0 } = {}) {
  const receiver = { received: [], secrets: [], answer };
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const text = Buffer.concat(chunks).toString();
    const verified = receiver.secrets.filter((secret) => {
      try {
        new Webhook(secret).verify(text, request.headers);
        return true;
      } catch {
        return false;
      }
    });
    const message = { id: request.headers['webhook-id'], headers: request.headers, body: JSON.parse(text), text, at: Date.now(), method: request.method, verified };
    receiver.received.push(message);
    const given = receiver.answer(message);
    const { status, headers = {}, wait = 0, endless = false } = typeof given === 'number' ? { status: given } : given;
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    if (status === 0) return request.socket.destroy();
    response.writeHead(status, headers);
    if (!endless) return response.end();
    const timer = setInterval(() => response.write('x'.repeat(1000)), 10);
    response.on('close', () => clearInterval(timer));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const events = () => receiver.received.flatMap(({ body }) => (body.type === 'events.batch' ? body.data.events : [body]));
  const until = async (count, seconds = 20) => {
    for (const end = Date.now() + 1000 * seconds; receiver.received.length < count; ) {
      if (Date.now() > end) throw new Error(`${receiver.received.length} of ${count} webhooks came`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return receiver.received;
  };
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return Object.assign(receiver, { url: `http://127.0.0.1:${server.address().port}/hook`, port: server.address().port, events, until, stop });
}
