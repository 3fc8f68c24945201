// Bodies in the forms that cost the most memory a byte, for the tests of bounds. Not here: how they are answered.

import { add, bulk, patch, replace, urn } from './scim.mjs';

/** An undeclared extension that clients may fill as they like. */
export const extension = 'urn:example:params:scim:schemas:extension:shapes:2.0:User';

/** Returns what `one` makes of each number from 0 on, so many times. */
export const times = (count, one) => Array.from({ length: count }, (_, n) => one(n));

/** Makes an extension of `attributes` attributes with `objects` objects of one member each, spread over them. */
const spread = (objects, attributes, object) =>
  Object.fromEntries(times(attributes, (n) => [`a${n}`, times(Math.floor((objects + n) / attributes), object)]));

/** Makes that many small objects: each takes a node of a map. */
export const manyObjects = (objects, attributes = 26) => spread(objects, attributes, () => ({ a: 0 }));

/** Makes objects within objects, `deep` levels each. */
export const nestedObjects = (objects, deep = 120) => {
  const nested = (levels) => JSON.parse(`${'{"a":'.repeat(levels)}0${'}'.repeat(levels)}`);
  return Object.fromEntries(times(Math.floor(objects / deep), (n) => [`a${n}`, nested(deep)]));
};

/** Makes numbers in arrays. */
export const manyNumbers = (count, attributes = 60) =>
  Object.fromEntries(times(attributes, (n) => [`a${n}`, times(Math.floor(count / attributes), () => 0)]));

/** Makes a user with that extension. */
export const userWith = (userName, value) => ({ schemas: [urn.user], userName, [extension]: value });

/** Makes a user whose JSON, as it is stored, has about that many bytes: few long texts. */
export const largeUser = (userName, bytes) => ({ schemas: [urn.user], userName, title: 'x'.repeat(bytes) });

/** Makes a user of about that many bytes in many values: e-mail addresses as an identity provider writes them. */
export const userOfValues = (userName, bytes) => ({
  schemas: [urn.user],
  userName,
  emails: times(Math.min(1_000, Math.floor(bytes / 110)), (n) => ({ value: `${'a'.repeat(60)}${n}@example.com`, type: `t${n}` })),
});

/** Makes the user that Entra's default mapping sends. */
export const entraUser = (n) => ({
  schemas: [urn.user, urn.enterprise],
  externalId: `entra-${n}`,
  userName: `entra${n}@contoso.example`,
  active: true,
  displayName: `Entra ${n}`,
  title: 'Engineer',
  emails: [{ primary: true, type: 'work', value: `entra${n}@contoso.example` }],
  preferredLanguage: 'en-GB',
  name: { givenName: 'Given', familyName: 'Family', formatted: 'Given Family' },
  addresses: [{ type: 'work', formatted: 'Street 1', streetAddress: 'Street 1', locality: 'Town', region: 'R', postalCode: '1', country: 'DE' }],
  phoneNumbers: [{ type: 'work', value: '+49 1' }, { type: 'mobile', value: '+49 2' }],
  [urn.enterprise]: { employeeNumber: `${n}`, department: 'D', costCenter: 'C', manager: { value: `m${n}` } },
});

/** Makes a bulk of `count` operations; `one` makes each. */
export const bulkOf = (count, one) => bulk(times(count, one));

/** Makes a PATCH of `count` operations on 900 attributes in turn, since a resource has at most 1,000. */
export const manyOperations = (count) => patch(...times(count, (n) => add(`${extension}:a${n % 900}`, n)));

/** Makes a PATCH that gives the attribute of an extension many objects. */
export const patchOfObjects = (objects) => patch(...Object.entries(manyObjects(objects)).map(([name, value]) => replace(`${extension}:b${name}`, value)));
