// The provisioning job: its cycles, what it must retry, and the faults of the application that it has seen.

import { randomUUID } from 'node:crypto';
import { Unanswered } from './client.mjs';
import { Links, Retry } from './links.mjs';
import { filter, syncObject } from './objects.mjs';
import { memberTasks, syncManager } from './references.mjs';

export class Job {
  links = new Links();
  /** objectId -> why it is tried again. */
  retries = new Map();
  /** Answers that no service should give, as text. */
  faults = [];

  constructor({ directory, client, flag, seed, concurrency, progress }) {
    Object.assign(this, { directory, client, flag, seed, concurrency, progress, base: client.base });
  }

  report(text) {
    this.faults.push(text);
  }

  /**
   * Sends a request, and notes any answer but the expected ones as a fault of the application; the object is then
   * retried.
   */
  async ask(kind, method, path, body, expected) {
    const answer = await this.client.request(kind, method, path, body);
    if (expected.includes(answer.status)) return answer;
    // A temporary refusal is not a fault.
    if (![429, 503].includes(answer.status)) {
      this.report(`${method} ${path} ${body ? JSON.stringify(body).slice(0, 2000) : ''} -> ${answer.status} ${answer.text.slice(0, 500)}`);
    }
    throw new Retry(`${answer.status} on ${kind}`);
  }

  /** Does what Test Connection does. */
  async testConnection() {
    for (const [path, attribute] of [['/Users?', 'userName'], ['/Groups?excludedAttributes=members&', 'displayName']]) {
      const probe = `${path}filter=${filter(`${attribute} eq "${randomUUID()}"`)}`;
      const { body } = await this.untilAnswered(() => this.ask('Test Connection', 'GET', probe, undefined, [200]));
      if (body.totalResults !== 0) this.report(`GET ${probe} finds ${body.totalResults}`);
    }
  }

  async untilAnswered(request, attempts = 20) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request();
      } catch (error) {
        if (attempt === attempts || !(error instanceof Retry || error instanceof Unanswered)) throw error;
      }
    }
  }

  /** Runs one cycle: what has changed and what must be retried; objects first, then references. */
  async cycle(name) {
    const due = new Set([...this.directory.changed, ...this.retries.keys()]);
    this.directory.changed.clear();
    this.retries.clear();
    const objects = [...due].map((objectId) => this.directory.get(objectId));
    await this.#run(`${name}: objects`, objects.map((object) => [object, () => syncObject(this, object)]));

    for (const objectId of this.links.fresh) for (const object of this.directory.referrers(objectId)) due.add(object.objectId);
    this.links.fresh.clear();
    const referring = [...due].map((objectId) => this.directory.get(objectId));
    const managers = referring.filter(({ kind }) => kind === 'User').map((user) => [user, () => syncManager(this, user)]);
    const members = [];
    const groups = referring.filter(({ kind }) => kind === 'Group').map((group) => [group, async () => {
      for (const task of await memberTasks(this, group)) members.push([group, task]);
    }]);
    await this.#run(`${name}: managers`, [...managers, ...groups]);
    await this.#run(`${name}: members`, members);
  }

  /** Runs tasks side by side; an object whose task fails is retried. */
  async #run(name, tasks) {
    this.progress.begin(name, tasks.length);
    let next = 0;
    const lane = async () => {
      while (next < tasks.length) {
        const [object, task] = tasks[next];
        next += 1;
        try {
          await task();
        } catch (error) {
          if (!(error instanceof Retry || error instanceof Unanswered)) throw error;
          this.retries.set(object.objectId, error.message);
        }
        this.progress.advance();
      }
    };
    await Promise.all(Array.from({ length: this.concurrency }, lane));
    this.progress.end();
  }
}
