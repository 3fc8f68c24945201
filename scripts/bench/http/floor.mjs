// The floor: a bare Worker with D1, the least that can be done for each operation. It has nothing of SCIM: no
// schemas, no validation, no filters, no versions, no groups of a user. One D1 call an operation, one statement a
// call; two calls for the PATCH of a user, since a document must be read before it can be changed. It runs in
// workerd; workers.mjs loads it as text.

const json = (value, status = 200) =>
  new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/scim+json' } });

const quoted = (text) => /"(.*)"/.exec(text)?.[1] ?? '';

async function rows(database, sql, ...values) {
  const [{ results }] = await database.batch([database.prepare(sql).bind(...values)]);
  return results;
}

const parsed = (found) => found.map(({ document }) => JSON.parse(document));

async function list(database, query) {
  const filter = query.get('filter');
  const found = !filter
    ? await rows(database, 'SELECT document FROM users ORDER BY id LIMIT ?1 OFFSET ?2', Number(query.get('count')), Number(query.get('startIndex')) - 1)
    : filter.startsWith('userName')
      ? await rows(database, 'SELECT document FROM users WHERE name = ?1', quoted(filter))
      : await rows(database, 'SELECT document FROM users WHERE mail = ?1', quoted(filter));
  return json({ totalResults: found.length, Resources: parsed(found) });
}

async function createUser(database, user) {
  const document = { ...user, id: crypto.randomUUID() };
  const values = [document.id, user.userName, user.emails[0].value, JSON.stringify(document)];
  await rows(database, 'INSERT INTO users (id, name, mail, document) VALUES (?1, ?2, ?3, ?4)', ...values);
  return json(document, 201);
}

async function patchUser(database, id, { Operations }) {
  const [document] = parsed(await rows(database, 'SELECT document FROM users WHERE id = ?1', id));
  for (const { path, value } of Operations) document[path] = value;
  await rows(database, 'UPDATE users SET document = ?2 WHERE id = ?1', id, JSON.stringify(document));
  return json(document);
}

const addMembers = (database, id, members) =>
  rows(database, 'INSERT OR IGNORE INTO members (team, user) SELECT ?1, value FROM json_each(?2)', id, JSON.stringify(members.map(({ value }) => value)));

async function createGroup(database, { members }) {
  const id = crypto.randomUUID();
  await addMembers(database, id, members);
  return json({ id }, 201);
}

async function patchGroup(database, id, { Operations: [{ op, path, value }] }) {
  if (op === 'Add') await addMembers(database, id, value);
  else await rows(database, 'DELETE FROM members WHERE team = ?1 AND user = ?2', id, quoted(path));
  return new Response(null, { status: 204 });
}

export default {
  async fetch(request, { DB: database, SCIM_TOKEN: token }) {
    if (request.headers.get('Authorization') !== `Bearer ${token}`) return json({}, 401);
    const { pathname, searchParams } = new URL(request.url);
    const [type, id] = pathname.split('/').slice(3);
    const isUser = type === 'Users';
    if (request.method === 'GET' && !id) return list(database, searchParams);
    if (request.method === 'GET') return json(parsed(await rows(database, 'SELECT document FROM users WHERE id = ?1', id))[0]);
    const body = await request.json();
    if (request.method === 'POST') return (isUser ? createUser : createGroup)(database, body);
    return (isUser ? patchUser : patchGroup)(database, id, body);
  },
};
