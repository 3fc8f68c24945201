// HTTP as Entra uses it: keep-alive, a timeout, Retry-After heeded. A request without an answer is an `Unanswered`:
// it is not known whether it took effect. Not here: what is requested.

import http from 'node:http';
import https from 'node:https';

/** Thrown if no answer came, in time or at all. */
export class Unanswered extends Error {}

const patience = 4;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Client {
  /**
   * `base`       the Tenant URL, without its query
   * `flag`       a query that the administrator has appended to it
   * `statistics` what to count into; none is fine
   */
  constructor({ base, token, flag, timeout = 60_000, concurrency = 16, statistics }) {
    Object.assign(this, { base: base.replace(/\/$/, ''), token, flag, timeout, statistics });
    this.module = base.startsWith('https:') ? https : http;
    this.agent = new this.module.Agent({ keepAlive: true, maxSockets: concurrency });
  }

  /**
   * Returns { status, body, text }. Requests answered 429 or 503 with Retry-After are repeated, as long as patience
   * lasts.
   */
  async request(kind, method, path, body) {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#once(kind, method, path, body);
      const wait = Number(answer.headers['retry-after']);
      if (![429, 503].includes(answer.status) || !(wait >= 0) || attempt === patience) return answer;
      await pause(wait * 1000);
    }
  }

  async #once(kind, method, path, body) {
    const begun = performance.now();
    try {
      const answer = await this.#send(method, path, body);
      this.statistics?.add(kind, answer.status, performance.now() - begun, answer.headers['server-timing']);
      return answer;
    } catch (error) {
      this.statistics?.add(kind, error.message === 'timeout' ? 'timeout' : 'no answer');
      throw new Unanswered(`${method} ${path}: ${error.message}`, { cause: error });
    }
  }

  #send(method, path, body) {
    const flag = this.flag ? `${path.includes('?') ? '&' : '?'}${this.flag}` : '';
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { accept: 'application/scim+json', authorization: `Bearer ${this.token}`, 'x-server-timing': '1', adscimversion: 'simulated' };
    if (text !== undefined) Object.assign(headers, { 'content-type': 'application/scim+json', 'content-length': Buffer.byteLength(text) });
    return new Promise((resolve, reject) => {
      const request = this.module.request(this.base + path + flag, { method, headers, agent: this.agent }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          clearTimeout(clock);
          const answered = Buffer.concat(chunks).toString();
          try {
            resolve({ status: response.statusCode, headers: response.headers, text: answered, body: answered ? JSON.parse(answered) : undefined });
          } catch {
            resolve({ status: response.statusCode, headers: response.headers, text: answered });
          }
        });
      });
      const failed = (error) => {
        clearTimeout(clock);
        reject(error);
      };
      const clock = setTimeout(() => request.destroy(new Error('timeout')), this.timeout);
      request.on('error', failed);
      request.end(text);
    });
  }

  close() {
    this.agent.destroy();
  }
}
