// A directory of any size, written into the database in a few statements: what POST would have stored, in far less
// time. It follows migrations/; the triggers keep totals and e-mails as they do for the Worker.

const hex = (n) => `printf('01900000-0000-7000-8000-%012x', ${n})`;
const groupHex = (n) => `printf('01900000-0000-7000-9000-%012x', ${n})`;

/** Returns the id of the n-th seeded user or group, counted from 1. */
export const userId = (n) => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
export const groupId = (n) => `01900000-0000-7000-9000-${n.toString(16).padStart(12, '0')}`;

const document = (
  n,
) => `json_object('userName', 'user' || ${n} || '@contoso.example', 'externalId', 'ext-' || ${n}, 'displayName', 'user ' || ${n},
  'active', json('true'), 'name', json_object('givenName', 'given', 'familyName', 'family ' || ${n}),
  'emails', json_array(json_object('type', 'work', 'value', 'user' || ${n} || '@contoso.example', 'primary', json('true'))))`;

const numbers = (from, to) =>
  `WITH RECURSIVE numbers (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${to})`;
const columns =
  'tenant, type, id, version, revision, created, last_modified, unique_key, display_key, external_id, document, search';
const time = 1_760_000_000_000;

/** Inserts the users `user1@contoso.example` to `user<count>@...`, with displayName, externalId and a work e-mail. */
export async function seedUsers(d1, count) {
  for (let from = 1; from <= count; from += 2_000) {
    const to = Math.min(count, from + 1_999);
    await d1
      .prepare(
        `${numbers(from, to)} INSERT INTO resources (${columns})
      SELECT 'default', 'User', ${hex('n')}, 1, 'seed', ${time} + n, ${time} + n, 'user' || n || '@contoso.example', 'user ' || n, 'ext-' || n,
      ${document('n')}, ${document('n')} FROM numbers`,
      )
      .run();
  }
}

/** Inserts the users `user1` to `user<count>` with only a displayName: many in less time. */
export async function seedPlainUsers(d1, count) {
  for (let from = 1; from <= count; from += 5_000) {
    const plain = "json_object('userName', 'user' || n, 'displayName', 'user ' || n)";
    await d1
      .prepare(
        `${numbers(from, Math.min(count, from + 4_999))} INSERT INTO resources (${columns})
      SELECT 'default', 'User', ${hex('n')}, 1, 'seed', ${time} + n, ${time} + n, 'user' || n, 'user ' || n, NULL, ${plain}, ${plain} FROM numbers`,
      )
      .run();
  }
}

/** Inserts group number `n`, called `group <n>`, of the users `from` to `to`. */
export async function seedGroup(d1, n, from, to) {
  const doc = `json_object('displayName', 'group ${n}', 'externalId', 'gext-${n}')`;
  const statements = [
    `INSERT INTO resources (${columns}) SELECT 'default', 'Group', ${groupHex(n)}, 1, 'seed', ${time}, ${time}, 'group ${n}', NULL, 'gext-${n}', ${doc}, ${doc}`,
  ];
  const count = to - from + 1;
  statements.push(`INSERT INTO totals (tenant, type, total) VALUES ('default', 'Membership', ${count})
    ON CONFLICT (tenant, type) DO UPDATE SET total = total + ${count}`);
  for (let at = from; at <= to; at += 5_000) {
    statements.push(`${numbers(at, Math.min(to, at + 4_999))} INSERT INTO memberships (tenant, group_id, member_id, member_type)
      SELECT 'default', ${groupHex(n)}, ${hex('n')}, 'User' FROM numbers`);
  }
  await d1.batch(statements.map((sql) => d1.prepare(sql)));
}

/** Inserts the groups 1 to `length`, each the one member of the next; group 1 has the users `from` to `to`. */
export async function seedChain(d1, length, from, to) {
  await seedGroup(d1, 1, from, to);
  for (let n = 2; n <= length; n += 1) await seedGroup(d1, n, 1, 0);
  const count = "INSERT INTO totals (tenant, type, total) VALUES ('default', 'Membership', ?1) ON CONFLICT (tenant, type) DO UPDATE SET total = total + ?1";
  const link = d1.prepare("INSERT INTO memberships (tenant, group_id, member_id, member_type) VALUES ('default', ?, ?, 'Group')");
  const links = Array.from({ length: length - 1 }, (_, at) => link.bind(groupId(at + 2), groupId(at + 1)));
  await d1.batch([d1.prepare(count).bind(length - 1), ...links]);
}

/** When the first row of a seeded activity was written. */
export const seededFrom = 1_767_225_600_000;

/** Inserts so many changes and refusals, one of each in a second, of the first 20 users and by 5 credentials. */
export async function seedActivity(d1, changes, refusals) {
  const insert = (table, columns, values, rows) => {
    const statements = [];
    for (let from = 0; from < rows; from += 100_000) {
      const select = `SELECT 'default', ${seededFrom} + 1000 * n, 'User', ${hex('1 + n % 20')}, 't' || (n % 5), 'c', ${values} FROM numbers`;
      const into = `INSERT INTO ${table} (tenant, at, resource_type, resource_id, actor, correlation_id, ${columns}) ${select}`;
      statements.push(d1.prepare(`${numbers(from, Math.min(rows, from + 100_000) - 1)} ${into}`));
    }
    return d1.batch(statements);
  };
  await insert('changes', 'version, change', `n, '{"op":"updated","resource":{"userName":"u"}}'`, changes);
  if (refusals > 0) await insert('refusals', 'operation, status, detail', "'GET Users', 400, ''", refusals);
}
