// When two names are one: letter case and composed accents do not distinguish userNames and group names, in
// uniqueness and in filters alike, beyond ASCII too (RFC 7643 s2.2, s8.7.1; RFC 7644 s5).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveBeside } from '../harness/bystanders.mjs';
import { assertAnswer, assertError, list, query, urn } from '../harness/scim.mjs';

let worker;
let ask;
let user;
let group;
serveBeside(
  {
    user: { schemas: [urn.user], userName: 'bystander', title: 'T' },
    group: { schemas: [urn.group], displayName: 'bystanders' },
  },
  (own) => ({ worker, ask, user, group } = own),
);

// Names, others that are the same except for letter case (RFC 7643 s2.2, s8.7.1), and others that differ.
for (const [name, sames, others] of [
  ['plain', ['PLAIN', 'pLaIn'], ['plain ', 'pl ain']],
  ['stra\u00dfe', ['STRASSE', 'STRA\u1e9eE', 'strasse'], ['strase']],
  [
    '\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2',
    ['\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3', '\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c3'],
    [],
  ],
  ['\u00c9ric', ['\u00e9ric', 'E\u0301ric', 'e\u0301RIC'], ['Eric']],
  ['\u0130zmir', ['i\u0307zmir', 'I\u0307ZMIR'], ['izmir']],
  // Unicode's case folding leaves the dotless i alone (CaseFolding.txt has it under T, Turkic, only).
  ['kad\u0131n', [], ['kadin', 'KADIN']],
  ['\u0416\u0423\u041a', ['\u0436\u0443\u043a'], []],
]) {
  for (const [endpoint, attribute, kind] of [
    ['/Users', 'userName', 'User'],
    ['/Groups', 'displayName', 'Group'],
  ]) {
    test(`the ${attribute} \`${name}\` is in use in other letter cases, 409, and free if it only looks alike`, async () => {
      const made = [await ask('POST', endpoint, { [attribute]: name })];
      assert.equal(made[0].status, 201, made[0].text);
      for (const same of sames) {
        assertError(
          await ask('POST', endpoint, { [attribute]: same }),
          409,
          'uniqueness',
          `another ${kind} has the ${attribute} \`${same}\``,
        );
        assertAnswer(await ask('GET', query(endpoint, `${attribute} eq "${same}"`)), 200, list(made[0].body));
      }
      for (const other of others) {
        assertAnswer(await ask('GET', query(endpoint, `${attribute} eq "${other}"`)), 200, list());
        const free = await ask('POST', endpoint, { [attribute]: other });
        assert.equal(free.status, 201, `${other}: ${free.text}`);
        assertAnswer(await ask('DELETE', `${endpoint}/${free.body.id}`), 204);
      }
    });
  }
}
