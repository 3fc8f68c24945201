// The vendor's application: it follows the directory in two ways at once, by the events API and by webhooks, and keeps a copy by each.
// Its receiver of webhooks fails and restarts. Not here: what a copy does with an event (copy.mjs).

import http from 'node:http';
import { once } from 'node:events';
import { Copy } from './copy.mjs';
import { Random } from './random.mjs';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Application {
  byEvents = new Copy();
  byWebhooks = new Copy();
  counts = { pages: 0, deliveries: 0, refused: 0, restarts: 0 };
  #place = '0';
  #seen = new Set();
  #stopped = false;

  /** `events` and `token` are where the tenant's events are read; `percent` of the deliveries go wrong. */
  constructor({ events, token, percent = 0, seed = 1 }) {
    Object.assign(this, { events, token, percent, random: new Random('receiver', seed) });
  }

  /** Starts to follow. `endpoint(url)` has webhooks sent there. */
  async start(endpoint) {
    await this.#listen(0);
    this.port = this.server.address().port;
    await endpoint(`http://127.0.0.1:${this.port}/hook`);
    this.following = this.#follow();
  }

  async #follow() {
    while (!this.#stopped) {
      const more = await this.#page(1);
      if (!more) await pause(20);
    }
  }

  async #page(wait) {
    const answer = await fetch(`${this.events}?after=${this.#place}&limit=500&wait=${wait}`, { headers: { authorization: `Bearer ${this.token}` } });
    // Too much at once, or no answer of the database: later.
    if (answer.status !== 200) return void (await answer.arrayBuffer(), await pause(500));
    const { events, next, more } = await answer.json();
    this.counts.pages += 1;
    for (const event of events) this.byEvents.apply(event);
    this.#place = next;
    return more || events.length > 0;
  }

  async #listen(port) {
    this.server = http.createServer((request, response) => {
      this.#receive(request, response).catch(() => request.socket.destroy());
    });
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async #receive(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    this.counts.deliveries += 1;
    // Some are not taken, and of some the answer is lost although they were.
    const fault = this.random.chance(this.percent / 100) ? this.random.pick(['refused', 'lost']) : undefined;
    if (fault === 'refused') {
      this.counts.refused += 1;
      return response.writeHead(503).end();
    }
    const { data } = JSON.parse(Buffer.concat(chunks));
    for (const event of data.events) {
      if (this.#seen.has(event.id)) continue;
      this.#seen.add(event.id);
      this.byWebhooks.apply(event);
    }
    if (fault === 'lost') return request.socket.destroy();
    response.writeHead(204).end();
  }

  /** Is down for a while, as in a deployment. */
  async restart() {
    this.counts.restarts += 1;
    this.server.closeAllConnections();
    this.server.close();
    await pause(200);
    await this.#listen(this.port);
  }

  /**
   * Waits until both copies have everything: `latest()` returns the sequence of the last change, and `tick(hours)` lets so many hours
   * pass, so that what has failed is delivered again. Returns the differences of each from `answer`.
   */
  async settle({ tick, answer }) {
    this.#stopped = true;
    await this.following;
    while (await this.#page(0));
    // After an attempt that fails, what is left waits for the next one, which may be a day later.
    for (let hours = 1, idle = 0; this.byWebhooks.events < this.byEvents.events && idle < 40; hours += 2) {
      const before = this.byWebhooks.events;
      await tick(hours);
      idle = this.byWebhooks.events > before ? 0 : idle + 1;
    }
    const say = (copy, by) => copy.differences(answer).map((text) => `the application's copy by ${by}: ${text}`);
    return [...say(this.byEvents, 'events'), ...say(this.byWebhooks, 'webhooks')];
  }

  stop() {
    this.#stopped = true;
    this.server?.closeAllConnections();
    this.server?.close();
  }
}
