// scimmy with scimmy-routers on express, as their documents set it up, with handlers that keep everything in memory: what its
// users write themselves. A Map by id and one by userName; other filters are left to scimmy, which goes through all.
// Arguments: the folder that it is installed in, and the token. Prints the address as JSON. Started by peers.mjs.

import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, token] = process.argv.slice(2);
const require = createRequire(join(folder, 'index.js'));
const [express, SCIMMY, SCIMMYRouters] = ['express', 'scimmy', 'scimmy-routers'].map((name) => {
  const loaded = require(name);
  return loaded.default ?? loaded;
});
const { Types, Resources, Schemas } = SCIMMY;

/** Returns the handlers of one resource type; `name` is its unique attribute. */
function handlers(name) {
  const [byId, byName] = [new Map(), new Map()];
  const key = (resource) => resource[name].toLowerCase();
  const found = (id) => {
    if (!byId.has(id)) throw new Types.Error(404, null, `Resource ${id} not found`);
    return byId.get(id);
  };
  const named = (filter) => {
    const [comparator, value] = filter.length === 1 && Object.keys(filter[0]).length === 1 ? (filter[0][name] ?? []) : [];
    return comparator === 'eq' ? [byName.get(value.toLowerCase())].filter(Boolean) : undefined;
  };
  return {
    ingress({ id = randomUUID() }, data) {
      if ((byName.get(key(data)) ?? { id }).id !== id) throw new Types.Error(409, 'uniqueness', `${name} is taken`);
      if (byId.has(id)) byName.delete(key(byId.get(id)));
      const resource = { ...JSON.parse(JSON.stringify(data)), id };
      byId.set(id, resource);
      byName.set(key(resource), resource);
      return resource;
    },
    egress({ id, filter, constraints }) {
      if (id) return found(id);
      if (filter) return named(filter) ?? filter.match([...byId.values()]);
      const { startIndex = 1, count = 20 } = constraints ?? {};
      if (constraints) constraints.totalResults = byId.size;
      return [...byId.values()].slice(startIndex - 1, startIndex - 1 + count);
    },
    degress({ id }) {
      byName.delete(key(found(id)));
      byId.delete(id);
    },
  };
}

Resources.declare(Resources.User, { ...handlers('userName'), extensions: [{ schema: Schemas.EnterpriseUser, required: false }] });
Resources.declare(Resources.Group, handlers('displayName'));

const app = express();
const handler = (request) => {
  if (request.header('Authorization') !== `Bearer ${token}`) throw new Error('the token is not valid');
  return '';
};
app.use('/scim/v2', new SCIMMYRouters({ type: 'bearer', handler }));
const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ base: `http://127.0.0.1:${server.address().port}/scim/v2` }));
});
// Ends with the process that started it.
process.stdin.resume().on('end', () => process.exit());
