// The requests to a server: the same requests with the same payloads for all, as Entra sends them. Each method sends
// one and returns how many milliseconds it took; a wrong answer is an error. Not here: how often they are sent, and
// in which turns (measure.mjs).

import { Connection, request } from './connection.mjs';

const urn = 'urn:ietf:params:scim:schemas:';
const enterprise = `${urn}extension:enterprise:2.0:User`;
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const name = (n) => `user${n}@contoso.example`;

const user = (n) => ({
  schemas: [`${urn}core:2.0:User`, enterprise],
  externalId: `external-${n}`,
  userName: name(n),
  active: true,
  displayName: `User ${n}`,
  title: 'Engineer',
  name: { givenName: `Given ${n}`, familyName: `Family ${n}` },
  emails: [{ primary: true, type: 'work', value: name(n) }],
  [enterprise]: { department: `Department ${n % 50}` },
});

const patch = (...Operations) => ({ schemas: [patchOp], Operations });
const filter = (text) => `/Users?filter=${encodeURIComponent(text)}`;

export class Client {
  constructor({ name, base, token, membersAtOnce = 1_000 }) {
    Object.assign(this, { name, base, token, membersAtOnce });
    this.connection = new Connection(base);
    this.ids = [];
    /** How many requests were made, which decides which user the next one is about: the same for each server. */
    this.turn = 0;
  }

  async ask(statuses, method, path, body) {
    const { status, body: text, ms } = await this.connection.send(request(this.base, this.token, method, path, body));
    if (!statuses.includes(status)) throw new Error(`answers ${status}`);
    return { text, ms };
  }

  /** Returns one of the first `count` users, far from the one before. */
  someone(count) {
    this.turn += 1;
    return (this.turn * 7919) % count;
  }

  async create() {
    const { text, ms } = await this.ask([201], 'POST', '/Users', user(this.ids.length));
    this.ids.push(JSON.parse(text).id);
    return ms;
  }

  async find(text) {
    const { text: found, ms } = await this.ask([200], 'GET', filter(text));
    if (JSON.parse(found).totalResults !== 1) throw new Error('does not find the one user');
    return ms;
  }

  match = () => this.find(`userName eq "${name(this.someone(this.ids.length))}"`);

  matchMail = () => this.find(`emails.value eq "${name(this.someone(this.ids.length))}"`);

  read = async () => (await this.ask([200], 'GET', `/Users/${this.ids[this.someone(this.ids.length)]}`)).ms;

  async patch() {
    const id = this.ids[this.someone(this.ids.length)];
    const changes = patch(
      { op: 'Replace', path: 'title', value: `Title ${this.turn}` },
      { op: 'Replace', path: 'active', value: this.turn % 2 === 0 },
    );
    return (await this.ask([200, 204], 'PATCH', `/Users/${id}`, changes)).ms;
  }

  async page() {
    const { text, ms } = await this.ask([200], 'GET', '/Users?startIndex=1&count=100');
    if (JSON.parse(text).Resources.length !== 100) throw new Error('does not list 100 users');
    return ms;
  }

  discover = async () => (await this.ask([200], 'GET', '/ServiceProviderConfig')).ms;

  /**
   * Creates the group that members are added to, of the first `count` users, within that many seconds; the others are
   * not in it.
   */
  async createGroup(count, seconds) {
    const end = performance.now() + seconds * 1_000;
    const chunk = this.membersAtOnce;
    const members = (from) => this.ids.slice(from, Math.min(count, from + chunk)).map((value) => ({ value }));
    const group = { schemas: [`${urn}core:2.0:Group`], displayName: `Group of ${count}`, members: members(0) };
    this.group = JSON.parse((await this.ask([201], 'POST', '/Groups', group)).text).id;
    for (let from = chunk; from < count; from += chunk) {
      if (performance.now() > end) throw new Error(`takes more than ${seconds} s for the group`);
      await this.changeGroup({ op: 'Add', path: 'members', value: members(from) });
    }
    this.next = count;
  }

  changeGroup = async (operation) => (await this.ask([200, 204], 'PATCH', `/Groups/${this.group}`, patch(operation))).ms;

  addMember = () => this.changeGroup({ op: 'Add', path: 'members', value: [{ value: this.ids[this.next++] }] });

  removeMember = () => this.changeGroup({ op: 'Remove', path: `members[value eq "${this.ids[--this.next]}"]` });

  /** Creates users until there are `count`, over several connections, for `seconds` at most. */
  async fill(count, seconds) {
    const end = performance.now() + seconds * 1_000;
    let next = this.ids.length;
    await this.together(8, async (connection) => {
      const n = next++;
      if (n >= count) return false;
      if (performance.now() > end) throw new Error(`takes more than ${seconds} s for ${count} users`);
      const { status, body } = await connection.send(request(this.base, this.token, 'POST', '/Users', user(n)));
      if (status !== 201) throw new Error(`answers ${status}`);
      this.ids[n] = JSON.parse(body).id;
      return true;
    });
  }

  /**
   * Matches by userName over `connections` at once for that long; returns how many requests are answered in a second.
   */
  async throughput(connections, seconds) {
    const begun = performance.now();
    let answered = 0;
    await this.together(connections, async (connection) => {
      const text = filter(`userName eq "${name(this.someone(this.ids.length))}"`);
      const { status } = await connection.send(request(this.base, this.token, 'GET', text));
      if (status !== 200) throw new Error(`answers ${status}`);
      answered += 1;
      return performance.now() - begun < seconds * 1_000;
    });
    return (answered * 1_000) / (performance.now() - begun);
  }

  /** Repeats `once` on each of that many connections, as long as it returns true. */
  async together(count, once) {
    const loop = async () => {
      const connection = new Connection(this.base);
      try {
        while (await once(connection));
      } finally {
        connection.close();
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: count }, loop));
    const failed = ends.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  }

  close() {
    this.connection.close();
  }
}
