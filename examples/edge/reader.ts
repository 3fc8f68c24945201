// Looks a person up in the edge copy, from a Worker of the vendor's own to which the namespace is bound. The layout is version 1 of
// docs/EDGE.md. Null is a miss: ask `GET /{tenant}/lookup`, which asks the directory.

/** What the reader needs of a KV namespace. */
export type Namespace = { get(key: string): Promise<string | null> };

export type Person = {
  seq: number;
  at: string;
  active: boolean;
  id: string;
  userName: string;
  externalId: string | null;
  displayName: string | null;
  groups: string[];
  roles: string[];
};

/** Returns a text in one letter case. Where this differs from Unicode's folding, the reader misses, and is not wrong. */
const fold = (text: string): string => text.normalize('NFC').toUpperCase().toLowerCase();

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function read(kv: Namespace, key: string, is: (person: Person) => boolean): Promise<Person | null> {
  const text = await kv.get(key);
  const value = text === null ? null : JSON.parse(text);
  return value === null || value.gone || !is(value) ? null : value;
}

export const byId = (kv: Namespace, tenant: string, id: string) => read(kv, `v1:${tenant}:u:${id}`, (person) => person.id === id);

export const byUserName = async (kv: Namespace, tenant: string, userName: string) =>
  read(kv, `v1:${tenant}:n:${await sha256(fold(userName))}`, (person) => fold(person.userName) === fold(userName));

export const byExternalId = async (kv: Namespace, tenant: string, externalId: string) =>
  read(kv, `v1:${tenant}:x:${await sha256(externalId)}`, (person) => person.externalId === externalId);

/** Returns the names of groups by their ids. */
export async function groupNames(kv: Namespace, tenant: string): Promise<Record<string, string>> {
  const names = {};
  for (let part = 0, more = true; more; part += 1) {
    const value = JSON.parse((await kv.get(`v1:${tenant}:groups:${part}`)) ?? '{"groups": {}, "more": false}');
    Object.assign(names, value.groups);
    more = value.more;
  }
  return names;
}
