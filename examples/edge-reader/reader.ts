// Reads people of a tenant out of the edge copy in Workers KV, version 1 (docs/EDGE.md), from a Worker of your own. A miss is not
// an answer: ask `GET /{tenant}/lookup`, which asks the database.

export interface Person {
  seq: number;
  asOf: string;
  id: string;
  active: boolean;
  userName: string;
  externalId: string | null;
  displayName: string | null;
  groups: string[];
  moreGroups?: true;
  roles: string[];
}
type Value = Person & { deleted?: true };
export interface Kv {
  get(key: string, type: 'json'): Promise<unknown>;
}
export type Who = { id: string } | { userName: string } | { externalId: string };

/** Folds a userName as the directory compares it. */
export function fold(name: string): string {
  const folded = [...name.normalize('NFC')].map((letter) => (letter === 'ı' ? letter : letter.toLowerCase().toUpperCase().toLowerCase()));
  return folded.join('').normalize('NFC');
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Returns a person; undefined if the copy does not have one. */
export async function read(kv: Kv, tenant: string, who: Who): Promise<Person | undefined> {
  const key = 'id' in who ? `u:${who.id}` : 'userName' in who ? `n:${await sha256(fold(who.userName))}` : `x:${await sha256(who.externalId)}`;
  const value = (await kv.get(`v1:${tenant}:${key}`, 'json')) as Value | null;
  return value === null || value.deleted ? undefined : value;
}

interface Group {
  displayName?: string | null;
  roles?: string[];
}
const group = async (kv: Kv, tenant: string, id: string) => (await kv.get(`v1:${tenant}:g:${id}`, 'json')) as Group | null;

/** Returns the name of a group. */
export async function groupName(kv: Kv, tenant: string, id: string): Promise<string | undefined> {
  return (await group(kv, tenant, id))?.displayName ?? undefined;
}

/** Returns the roles of a person, the own ones and those that the groups give, each once. */
export async function allRoles(kv: Kv, tenant: string, person: Person): Promise<string[]> {
  const groups = await Promise.all(person.groups.map((id) => group(kv, tenant, id)));
  return [...new Set([...person.roles, ...groups.flatMap((each) => each?.roles ?? [])])];
}
