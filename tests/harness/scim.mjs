// The vocabulary of SCIM for the tests: messages as clients write them, and the form of the answers. Not here: what
// any single endpoint should do.

import assert from 'node:assert/strict';

export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulk: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
};

export const contentType = 'application/scim+json; charset=utf-8';

/** Makes a PATCH request of these operations. */
export const patch = (...operations) => ({ schemas: [urn.patch], Operations: operations });
export const op = (name, path, value) => ({
  op: name,
  ...(path === undefined ? {} : { path }),
  ...(value === undefined ? {} : { value }),
});
export const add = (path, value) => op('Add', path, value);
export const replace = (path, value) => op('Replace', path, value);
export const remove = (path, value) => op('Remove', path, value);

/** Makes a bulk request of these operations; `more` are its other members. */
export const bulk = (operations, more = {}) => ({ schemas: [urn.bulk], ...more, Operations: operations });

/** Makes a search request (RFC 7644 s3.4.3) with these members. */
export const search = (members = {}) => ({ schemas: [urn.search], ...members });

/** Makes a query as Entra writes it: quotes as %22, blanks as `+`. */
export const query = (path, filter, more = '') => `${path}?filter=${encodeURIComponent(filter).replaceAll('%20', '+')}${more}`;

/** Makes the body of a ListResponse with all matches. */
export const list = (...Resources) => ({
  schemas: [urn.list],
  totalResults: Resources.length,
  startIndex: 1,
  itemsPerPage: Resources.length,
  Resources,
});

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Asserts status and whole body; `undefined` for an answer without one. Returns the body. */
export function assertAnswer(answer, status, body) {
  assert.equal(answer.status, status, answer.text);
  if (body === undefined) {
    assert.equal(answer.text, '');
  } else {
    assert.deepEqual(answer.body, body);
    assert.equal(answer.headers.get('content-type'), contentType);
  }
  return answer.body;
}

/**
 * Asserts an answer that is one resource: status, headers, and the whole of the body except its id and times, whose
 * form alone is checked. `schemas` are the extensions beside the core schema. A user is active unless `active` says
 * otherwise; undefined is to be absent. Returns the body.
 */
export function assertResource(
  answer,
  { status = 200, type = 'User', base, version, schemas = [], id = answer.body?.id, ...attributes },
) {
  assert.equal(answer.status, status, answer.text);
  const { created, lastModified } = answer.body.meta;
  const own = { ...(type === 'User' ? { active: true } : {}), ...attributes };
  if (own.active === undefined) delete own.active;
  assert.match(created, time);
  assert.match(lastModified, time);
  assert.ok(created <= lastModified);
  assert.ok(typeof id === 'string' && id.length > 0);
  const location = `${base}/${type}s/${id}`;
  const tag = version === undefined ? answer.body.meta.version : `W/"${version}"`;
  assert.match(tag, /^W\/"\d+"$/);
  // RFC 7643 s3: the order of `schemas` has no meaning; this service puts the core schema first.
  const [core, ...extensions] = answer.body.schemas;
  assert.deepEqual(
    { ...answer.body, schemas: [core, ...extensions.sort()] },
    {
      schemas: [urn[type.toLowerCase()], ...schemas.toSorted()],
      id,
      ...own,
      meta: { resourceType: type, created, lastModified, location, version: tag },
    },
  );
  assert.equal(answer.headers.get('content-type'), contentType);
  assert.equal(answer.headers.get('location'), location);
  assert.equal(answer.headers.get('etag'), tag);
  return answer.body;
}

/** Asserts a refusal (RFC 7644 s3.12): status, headers and whole body. `detail` is the text, or a pattern of it. */
export function assertError(answer, status, scimType, detail) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get('content-type'), contentType);
  assert.equal(typeof answer.body?.detail, 'string', answer.text);
  const { detail: found } = answer.body;
  assert.deepEqual(answer.body, {
    schemas: [urn.error],
    status: String(status),
    ...(scimType ? { scimType } : {}),
    detail: found,
  });
  if (detail instanceof RegExp) assert.match(found, detail);
  else if (detail !== undefined) assert.equal(found, detail);
  assert.ok(found.length > 0);
}

/** Asserts that the Worker did not break, whatever its answers were. */
export function assertUnharmed(worker) {
  const broken = worker.logs.filter(({ message }) => /panic|unreachable|RuntimeError|uncaught|exception/i.test(message));
  assert.deepEqual(broken, []);
}
