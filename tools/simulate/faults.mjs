// A proxy between the client and the Worker that spoils some of the requests:
//   late      the Worker has answered; the answer comes after the client's timeout
//   lost      the Worker has answered; the answer is thrown away and the connection with it
//   cut       the same, in the middle of the answer
//   dropped   the connection ends before the Worker has seen the request
//   refused   429 or 503 with Retry-After, and the Worker has not seen it
// Whatever reaches the Worker does so at once: none of this brings requests out of order.

import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { Random } from './random.mjs';

const faults = ['late', 'lost', 'cut', 'dropped', 'refused'];

async function whole(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Starts the proxy before `target`. `percent` of the requests meet a fault; `late` is how many milliseconds a late
 * answer takes. Returns { url, counts, idle, stop }; idle() waits until the Worker has nothing more to answer.
 */
export async function startFaults({ target, percent, late, seed }) {
  const random = new Random('faults', seed);
  const { origin, pathname } = new URL(target);
  const { request, Agent } = origin.startsWith('https:') ? https : http;
  const agent = new Agent({ keepAlive: true });
  const counts = Object.fromEntries(faults.map((fault) => [fault, 0]));
  const forwarded = new Set();

  const forward = async (incoming, body) => {
    const outgoing = request(origin + incoming.url, { method: incoming.method, headers: { ...incoming.headers, host: new URL(origin).host }, agent });
    outgoing.end(body);
    const [response] = await once(outgoing, 'response');
    return { status: response.statusCode, headers: response.headers, body: await whole(response) };
  };

  const refuse = (response) => {
    const status = random.chance(0.5) ? 429 : 503;
    response.writeHead(status, { 'content-type': 'application/scim+json', 'retry-after': '1' });
    response.end(JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: `${status}`, detail: 'refused by the proxy' }));
  };

  const serve = async (incoming, response) => {
    const fault = random.chance(percent / 100) ? random.pick(faults) : undefined;
    if (fault) counts[fault] += 1;
    const body = await whole(incoming);
    if (fault === 'dropped') return incoming.socket.destroy();
    if (fault === 'refused') return refuse(response);
    const answering = forward(incoming, body);
    forwarded.add(answering);
    const answer = await answering.finally(() => forwarded.delete(answering));
    if (fault === 'lost') return incoming.socket.destroy();
    if (fault === 'late') await new Promise((resolve) => setTimeout(resolve, late).unref());
    response.writeHead(answer.status, answer.headers);
    if (fault !== 'cut') return response.end(answer.body);
    response.write(answer.body.subarray(0, answer.body.length / 2));
    setImmediate(() => incoming.socket.destroy());
  };

  const server = http.createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}${pathname}`,
    counts,
    idle: async () => {
      while (forwarded.size) await Promise.allSettled([...forwarded]);
    },
    stop: () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
