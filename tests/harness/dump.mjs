// The whole contents of a database, to be compared before and after.

// Into these an instance writes what it has counted of requests, at times of its own.
const ofActivity = ['counters', 'marks', 'refusals'];

/**
 * Returns the schema and every row of every table, without the time of a token's last use, which requests do not ask
 * for. `without` names tables whose rows are left out: a test that puts its changes right again leaves them in the
 * change log and in the audit. The tables of the activity are left out unless `activity` is set.
 */
export async function dump(d1, { without = [], activity = false } = {}) {
  const named = "name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
  const { results: schema } = await d1.prepare(`SELECT type, name, sql FROM sqlite_master WHERE ${named} ORDER BY name`).all();
  const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => name).filter((name) => ![...without, ...(activity ? [] : ofActivity)].includes(name));
  const answers = await d1.batch(tables.map((name) => d1.prepare(`SELECT * FROM "${name}"`)));
  const rows = (answer) => answer.results.map(({ last_used, ...row }) => JSON.stringify(row)).sort();
  return { schema, tables: Object.fromEntries(tables.map((name, n) => [name, rows(answers[n])])) };
}
