// Wrong queries, and odd ones that are not wrong: filters, paging, other parameters (RFC 7644 s3.4.2). A wrong one
// gets 400 with a detail that names the fault; a well-formed one gets an answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveBeside } from '../harness/bystanders.mjs';
import { assertError, query, urn } from '../harness/scim.mjs';

let worker;
let ask;
let user;
serveBeside({ user: { schemas: [urn.user], userName: 'bystander' } }, (own) => ({ worker, ask, user } = own));

test('a filter that is malformed, or names what is not there, is invalidFilter and says where', async () => {
  for (const [filter, detail] of [
    ['()', /./],
    ['userName', /operator/],
    ['userName eq', /expected a value/],
    ['userName eq "x', /no closing quote$/],
    ['userName xx "x"', '`xx` at byte 9 is not an operator'],
    ['(userName eq "x"', /expected `\)`/],
    ['userName eq "x")', /expected/],
    ['userName eq "x" and', /found the end$/],
    ['and', /./],
    ['not userName pr', /./],
    ['not', /./],
    ['emails[type eq "x"', /expected `\]`/],
    ['emails[]', /./],
    ['emails[type eq "x"].', /./],
    ['userName eq x y', /expected `and`, `or` or the end/],
    ["userName eq 'x'", /text stands between double quotes$/],
    ['active eq maybe', /text stands between double quotes$/],
    ['nothing eq "x"', '`nothing` is not an attribute of User'],
    ['name.nothing eq "x"', '`name.nothing` is not an attribute of User'],
    ['members eq "x"', '`members` is not an attribute of User'],
    ['emails[nothing eq "x"]', '`nothing` is not a sub-attribute of `emails`'],
    ['password eq "x"', /never returned/],
    ['name eq "x"', /complex/],
    [`${urn.enterprise} pr`, /schema|attribute/],
    ['active gt true', /boolean/],
    ['active co "t"', /boolean/],
    ['active eq "maybe"', /boolean/],
    ['meta.created gt "soon"', /dateTime/],
    ['meta.created co "2"', /is not a string/],
    ['userName gt null', /null/],
    ['userName eq "\\x"', /^`.*` at byte \d+ is not a JSON string$/],
    ['userName eq "\\ud800"', /^`.*` at byte \d+ is not a JSON string$/],
    ['\u00e9 eq "x"', /attribute path/],
    ['emails.value[type eq "x"]', /./],
    ['emails[type[value eq "x"]]', /./],
    ['schemas:x eq "x"', /attribute path/],
    ['\0 eq "x"', /attribute path/],
    [`${'('.repeat(10_000)}userName pr${')'.repeat(10_000)}`, /^the filter nests deeper than \d+ levels$/],
    [`${'not('.repeat(3_000)}userName pr${')'.repeat(3_000)}`, /^the filter nests deeper than \d+ levels$/],
  ]) {
    const answer = await ask('GET', query('/Users', filter)).catch((error) => assert.fail(`${filter.slice(0, 50)}: ${error}`));
    // The platform refuses a URL beyond its own limit before the Worker sees it.
    if (answer.status === 414 || answer.status === 431) continue;
    assert.equal(answer.status, 400, `${filter.slice(0, 50)}: ${answer.text.slice(0, 300)}`);
    assertError(answer, 400, 'invalidFilter', detail);
  }
  assertError(await ask('GET', query('/Groups', 'userName eq "x"')), 400, 'invalidFilter', '`userName` is not an attribute of Group');
});

test('every filter that is well-formed is answered, with or without a value in it', async () => {
  const broken = [];
  for (const filter of [
    'userName pr',
    'not (userName pr)',
    'id pr',
    'externalId pr',
    'externalId eq null',
    'meta.created pr',
    'meta.resourceType eq "User"',
    'meta.location pr',
    'active eq true',
    'active pr',
    'not (active eq true)',
    'userName pr and id pr',
    'userName pr or displayName pr',
    'groups pr',
    'groups[type eq "direct"]',
    'emails pr',
    'emails[primary eq true]',
    'emails[type pr]',
    'schemas pr',
    `schemas eq "${urn.user}"`,
    'meta.lastModified gt "2020-01-01T00:00:00Z"',
    'userName co ""',
    'userName sw ""',
    'userName eq ""',
    `${urn.enterprise}:manager pr`,
    'urn:example:2.0:User:x pr',
    'title eq null',
    'meta pr',
    'name pr',
    'emails.primary eq true',
  ]) {
    const { status, body } = await ask('GET', query('/Users', filter));
    const count = await ask('GET', query('/Users', filter, '&count=0'));
    if (status !== 200 || count.status !== 200) broken.push(filter);
    else assert.deepEqual([body.Resources.length, count.body.totalResults], [body.totalResults, body.totalResults], filter);
  }
  for (const filter of [
    'displayName pr',
    'members pr',
    'not (members pr)',
    'members[type eq "User"]',
    'members.type eq "Group"',
    'id pr',
    'meta.version eq "W/\\"1\\""',
  ]) {
    if ((await ask('GET', query('/Groups', filter))).status !== 200) broken.push(filter);
  }
  assert.deepEqual(broken, []);
});

test('a filter longer than 64 KiB or with more than 1000 terms is refused; one of 1000 names is answered', async () => {
  const names = (count) => Array.from({ length: count }, (_, n) => `userName eq "u${n}"`).join(' or ');
  const asked = (filter) => ask('GET', query('/Users', filter));
  const within = await asked(names(600));
  if (![414, 431].includes(within.status))
    assert.deepEqual([within.status, within.body.totalResults], [200, 0], within.text.slice(0, 300));
  for (const [filter, detail] of [
    [names(1_001), /more than 1000 comparisons/],
    [`userName eq "${'x'.repeat(70_000)}"`, /bytes; at most 65536/],
  ]) {
    const answer = await asked(filter);
    if (![414, 431].includes(answer.status)) assertError(answer, 400, 'invalidFilter', detail);
  }
});

test('startIndex and count that are not integers are invalidValue and quoted; any integer is taken', async () => {
  for (const name of ['startIndex', 'count']) {
    for (const value of ['abc', '1.5', '0x10', '1e3', '--1', 'NaN', '1,2', '\u0661']) {
      assertError(
        await ask('GET', `/Users?${name}=${encodeURIComponent(value)}`),
        400,
        'invalidValue',
        `\`${name}\` is not an integer: \`${value}\``,
      );
    }
  }
  const page = async (parameters) => {
    const { status, body, text } = await ask('GET', `/Users?${parameters}`);
    assert.equal(status, 200, `${parameters}: ${text}`);
    return [body.totalResults, body.startIndex, body.itemsPerPage, body.Resources.length];
  };
  assert.deepEqual(await page('startIndex=0'), [1, 1, 1, 1]);
  assert.deepEqual(await page('startIndex=-99999999999999999999&count=5'), [1, 1, 1, 1]);
  assert.deepEqual(await page('count=0'), [1, 1, 0, 0]);
  assert.deepEqual(await page('count=-1'), [1, 1, 0, 0]);
  assert.deepEqual(await page('startIndex=2'), [1, 2, 0, 0]);
  assert.deepEqual(await page('count=99999999999999999999'), [1, 1, 1, 1]);
  assert.equal((await page('startIndex=99999999999999999999'))[3], 0);
});

test('a query that is not UTF-8 is refused; parameters that are unknown, repeated or odd are not', async () => {
  for (const text of ['filter=%FF', '%FF=x', 'filter=userName%20eq%20%22%C0%AF%22'])
    assertError(await ask('GET', `/Users?${text}`), 400, 'invalidSyntax', 'the query is not UTF-8');
  for (const text of [
    '',
    '&&&',
    '=',
    '=x',
    'x',
    'x=y=z',
    '%',
    '%zz',
    'attributes=',
    'attributes=,,',
    'excludedAttributes=%00',
    'attributes=nothing',
    'attributes=a[b',
    '__proto__=x',
    `x=${'y'.repeat(5_000)}`,
  ]) {
    assert.equal((await ask('GET', `/Users?${text}`)).status, 200, text);
  }
});
