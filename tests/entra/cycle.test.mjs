// Azure AD's provisioning cycle from Test Connection to the hard delete of a user, in the order in which Entra sends
// it: once as its default client does, once with aadOptscim062020 (docs/IDP-TRAFFIC.md 1.1 to 1.6, 1.10, 1.13). Not
// here: every form of a single PATCH (patch.test.mjs) and groups (groups.test.mjs).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { serve } from '../harness/serve.mjs';
import { add, assertAnswer, assertError, assertResource, list, op, patch, query, replace, urn } from '../harness/scim.mjs';

let worker;
let ask;
serve((started) => {
  worker = started;
  ask = started.scimFetch;
});

/** Makes what Entra's default mapping posts (docs/IDP-TRAFFIC.md 1.3). */
const newUser = (mail, externalId) => ({
  schemas: [urn.user, urn.enterprise],
  externalId,
  userName: mail,
  active: true,
  displayName: 'Ada Lovelace',
  emails: [{ primary: true, type: 'work', value: mail }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
  roles: [],
});

const workMail = (mail) => `emails[type eq "work"].value eq "${mail}"`;

// `flag` stands where Entra would leave it if it passed the Tenant URL's query on; `changes` are the same
// changes as each client writes them.
const clients = {
  'the default client': {
    flag: '',
    changes: [
      replace('displayName', 'Ada King'),
      replace('name.familyName', 'King'),
      replace('name.formatted', 'Ada King'),
      replace('emails[type eq "work"].value', 'ada.king@contoso.example'),
      add('title', 'Countess'),
      add('phoneNumbers[type eq "mobile"].value', '+44 20 7946 0123'),
      add('addresses[type eq "work"].streetAddress', "12 St James's Square"),
      add('addresses[type eq "work"].postalCode', 'SW1Y 4JH'),
      add(`${urn.enterprise}:department`, 'Research'),
      add(`${urn.enterprise}:employeeNumber`, '1815'),
    ],
    disable: replace('active', 'False'),
    enable: replace('active', 'True'),
    rename: (name) => replace('userName', name),
    manager: (id) => add('manager', [{ $ref: `http://contoso.example/scim/Users/${id}`, value: id }]),
    shownManager: (id) => ({ value: id, $ref: `http://contoso.example/scim/Users/${id}` }),
  },
  'the client with aadOptscim062020': {
    flag: 'aadOptscim062020',
    changes: [
      op('replace', 'emails[type eq "work"].value', 'ada.king@contoso.example'),
      op('add', 'phoneNumbers[type eq "mobile"].value', '+44 20 7946 0123'),
      op('add', 'addresses[type eq "work"].streetAddress', "12 St James's Square"),
      op('add', 'addresses[type eq "work"].postalCode', 'SW1Y 4JH'),
      op('replace', undefined, {
        displayName: 'Ada King',
        'name.familyName': 'King',
        'name.formatted': 'Ada King',
        title: 'Countess',
        [`${urn.enterprise}:department`]: 'Research',
        [`${urn.enterprise}:employeeNumber`]: '1815',
      }),
    ],
    disable: op('replace', 'active', false),
    enable: op('replace', 'active', true),
    rename: (name) => op('replace', undefined, { userName: name }),
    manager: (id) => op('add', `${urn.enterprise}:manager`, id),
    shownManager: (id) => ({ value: id }),
  },
};

for (const [client, { flag, changes, disable, enable, rename, manager, shownManager }] of Object.entries(clients)) {
  const at = (path) => (flag ? `${path}${path.includes('?') ? '&' : '?'}${flag}` : path);
  const tag = flag || 'default';
  const mail = `ada+${tag}@contoso.example`;
  const renamed = `ada.king+${tag}@contoso.example`;
  const { roles, meta, ...kept } = newUser(mail, `ext-${tag}`);
  const attributes = { ...kept, schemas: [] };
  let id;
  let user;

  test(`${client}: Test Connection finds no user and no group, and that is a success`, async () => {
    assertAnswer(await ask('GET', at(query('/Users', `userName eq "${randomUUID()}"`))), 200, list());
    assertAnswer(await ask('GET', at(query('/Users', `externalId eq "${randomUUID()}"`))), 200, list());
    assertAnswer(await ask('GET', at(query('/Users', workMail(randomUUID())))), 200, list());
    assertAnswer(
      await ask('GET', at(query('/Groups', `displayName eq "${randomUUID()}"`, '&excludedAttributes=members'))),
      200,
      list(),
    );
    assertAnswer(
      await ask('GET', at(`/Groups?excludedAttributes=members&filter=displayName%20eq%20%22${randomUUID()}%22`)),
      200,
      list(),
    );
  });

  test(`${client}: creates a user that is not there yet`, async () => {
    assertAnswer(await ask('GET', at(query('/Users', `userName eq "${mail}"`))), 200, list());
    const created = await ask('POST', at('/Users'), newUser(mail, `ext-${tag}`), {
      headers: { 'content-type': 'application/scim+json; charset=utf-8' },
    });
    user = assertResource(created, { ...attributes, status: 201, base: worker.scim, version: 1 });
    id = user.id;
    assert.equal(user.meta.created, user.meta.lastModified);
  });

  test(`${client}: is answered 409 when it creates the same user again`, async () => {
    assertError(
      await ask('POST', at('/Users'), newUser(mail.toUpperCase(), 'other')),
      409,
      'uniqueness',
      `another User has the userName \`${mail.toUpperCase()}\``,
    );
  });

  test(`${client}: matches the user by each attribute that may be configured, and reads it`, async () => {
    for (const filter of [
      `userName eq "${mail}"`,
      `userName eq "${mail.toUpperCase()}"`,
      `USERNAME Eq "${mail}"`,
      `externalId eq "ext-${tag}"`,
      workMail(mail),
      workMail(mail.toUpperCase()),
      `emails[type eq "work" and value eq "${mail}"]`,
      `emails.value eq "${mail}"`,
      `id eq "${id}"`,
      `userName eq "${mail}" and externalId eq "ext-${tag}"`,
    ]) {
      assertAnswer(await ask('GET', at(query('/Users', filter))), 200, list(user));
      assertAnswer(await ask('GET', at(`/Users?filter=${encodeURIComponent(filter)}`)), 200, list(user));
    }
    for (const filter of [
      `externalId eq "EXT-${tag}"`,
      `emails[type eq "other"].value eq "${mail}"`,
      `userName eq "${mail}" and externalId eq "x"`,
    ]) {
      assertAnswer(await ask('GET', at(query('/Users', filter))), 200, list());
    }
    assertResource(await ask('GET', at(`/Users/${id}`)), { ...attributes, id, base: worker.scim, version: 1 });
  });

  test(`${client}: changes many attributes in one PATCH`, async () => {
    Object.assign(attributes, {
      schemas: [urn.enterprise],
      displayName: 'Ada King',
      name: { formatted: 'Ada King', familyName: 'King', givenName: 'Ada' },
      emails: [{ primary: true, type: 'work', value: 'ada.king@contoso.example' }],
      title: 'Countess',
      phoneNumbers: [{ type: 'mobile', value: '+44 20 7946 0123' }],
      addresses: [{ type: 'work', streetAddress: "12 St James's Square", postalCode: 'SW1Y 4JH' }],
      [urn.enterprise]: { department: 'Research', employeeNumber: '1815' },
    });
    const expected = { ...attributes, id, base: worker.scim, version: 2 };
    assertResource(await ask('PATCH', at(`/Users/${id}`), patch(...changes)), expected);
    assertResource(await ask('GET', at(`/Users/${id}`)), expected);
    assertAnswer(await ask('GET', at(query('/Users', workMail(mail)))), 200, list());
  });

  test(`${client}: sends the same PATCH again, and nothing is changed by it`, async () => {
    const { body: seen } = await ask('GET', at(`/Users/${id}`));
    const again = await ask('PATCH', at(`/Users/${id}`), patch(...changes));
    assertAnswer(again, 200, seen);
    assert.equal(again.headers.get('etag'), 'W/"2"');
  });

  test(`${client}: disables the user, which can still be read and matched, and enables it again`, async () => {
    for (const [change, active, version] of [
      [disable, false, 3],
      [enable, true, 4],
    ]) {
      const expected = { ...attributes, active, id, base: worker.scim, version };
      const seen = assertResource(await ask('PATCH', at(`/Users/${id}`), patch(change)), expected);
      assertResource(await ask('GET', at(`/Users/${id}`)), expected);
      assertAnswer(await ask('GET', at(query('/Users', `userName eq "${mail}"`))), 200, list(seen));
      assertAnswer(
        await ask('GET', at(query('/Users', `id eq "${id}" and active eq ${active}`, '&attributes=id'))),
        200,
        list({ schemas: seen.schemas, id }),
      );
      assertAnswer(
        await ask('GET', at(query('/Users', `id eq "${id}" and active eq "${active ? 'False' : 'True'}"`))),
        200,
        list(),
      );
    }
  });

  test(`${client}: renames the user, which is then found only by the new name`, async () => {
    attributes.userName = renamed;
    const seen = assertResource(await ask('PATCH', at(`/Users/${id}`), patch(rename(renamed))), {
      ...attributes,
      id,
      base: worker.scim,
      version: 5,
    });
    assertAnswer(await ask('GET', at(query('/Users', `userName eq "${mail}"`))), 200, list());
    assertAnswer(await ask('GET', at(query('/Users', `userName eq "${renamed}"`))), 200, list(seen));
  });

  test(`${client}: is answered 409 when the new name is another's, and the user stays as it was`, async () => {
    const other = (await ask('POST', at('/Users'), { schemas: [urn.user], userName: `other-${tag}` })).body;
    assertError(
      await ask('PATCH', at(`/Users/${id}`), patch(replace('title', 'lost'), rename(`OTHER-${tag}`))),
      409,
      'uniqueness',
      `another User has the userName \`OTHER-${tag}\``,
    );
    assertResource(await ask('GET', at(`/Users/${id}`)), { ...attributes, id, base: worker.scim, version: 5 });
    assertAnswer(await ask('DELETE', at(`/Users/${other.id}`)), 204);
  });

  test(`${client}: sets the manager in its second pass and asks whether it is set`, async () => {
    const boss = (await ask('POST', at('/Users'), { schemas: [urn.user], userName: `boss-${tag}` })).body;
    const check = at(query('/Users', `id eq "${id}" and manager eq "${boss.id}"`, '&attributes=id'));
    assertAnswer(await ask('GET', check), 200, list());
    const extension = { ...attributes[urn.enterprise], manager: shownManager(boss.id) };
    assertResource(await ask('PATCH', at(`/Users/${id}`), patch(manager(boss.id))), {
      ...attributes,
      [urn.enterprise]: extension,
      id,
      base: worker.scim,
      version: 6,
    });
    assertAnswer(await ask('GET', check), 200, list({ schemas: [urn.user, urn.enterprise], id }));
    assertAnswer(
      await ask('GET', at(query('/Users', `id eq "${id}" and manager eq "${randomUUID()}"`, '&attributes=id'))),
      200,
      list(),
    );
    attributes[urn.enterprise] = extension;
  });

  test(`${client}: replaces the whole user by PUT, and what is left out is gone`, async () => {
    const body = {
      schemas: [urn.user],
      id,
      userName: renamed,
      active: 'True',
      displayName: 'Ada',
      externalId: `ext-${tag}`,
      meta: { resourceType: 'User' },
    };
    const expected = {
      userName: renamed,
      active: true,
      displayName: 'Ada',
      externalId: `ext-${tag}`,
      id,
      base: worker.scim,
      version: 7,
    };
    const put = assertResource(await ask('PUT', at(`/Users/${id}`), body), expected);
    assert.equal(put.meta.created, user.meta.created);
    assertResource(await ask('GET', at(`/Users/${id}`)), expected);
    assertAnswer(await ask('GET', at(query('/Users', workMail('ada.king@contoso.example')))), 200, list());
  });

  test(`${client}: deletes softly, restores under the same id, and deletes for good`, async () => {
    const expected = { userName: renamed, displayName: 'Ada', externalId: `ext-${tag}`, id, base: worker.scim };
    assertResource(await ask('PATCH', at(`/Users/${id}`), patch(disable)), { ...expected, active: false, version: 8 });
    assertResource(await ask('PATCH', at(`/Users/${id}`), patch(enable)), { ...expected, active: true, version: 9 });
    assertResource(await ask('PATCH', at(`/Users/${id}`), patch(disable)), { ...expected, active: false, version: 10 });
    assertAnswer(await ask('DELETE', at(`/Users/${id}`)), 204);
    for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', patch(enable)], ['PUT', newUser(mail, 'x')]]) {
      assertError(await ask(method, at(`/Users/${id}`), body), 404, undefined, `there is no User \`${id}\``);
    }
    assertAnswer(await ask('GET', at(query('/Users', `userName eq "${renamed}"`))), 200, list());
    assertAnswer(await ask('GET', at(query('/Users', `externalId eq "ext-${tag}"`))), 200, list());
    const again = await ask('POST', at('/Users'), { schemas: [urn.user], userName: renamed });
    assert.notEqual(assertResource(again, { userName: renamed, status: 201, base: worker.scim, version: 1 }).id, id);
  });
}

test('repeated slashes in the Tenant URL change nothing, and neither does the URL without the version', async () => {
  const { body: user } = await ask('POST', '//Users/', { schemas: [urn.user], userName: 'slashes' });
  for (const path of ['/', '//', '//Users', '/Users/', '/Users//', `//Users//${user.id}/`]) {
    const answer = await ask('GET', path);
    assert.equal(answer.status, 200, path);
  }
  const headers = { authorization: 'Bearer test-token' };
  for (const path of [
    `/scim//v2/Users/${user.id}`,
    `//scim/v2/Users/${user.id}?aadOptscim062020`,
    `/scim/v2//Users/${user.id}/?`,
  ]) {
    const answer = await fetch(worker.url + path, { headers });
    assert.equal(answer.status, 200, path);
    assert.deepEqual(await answer.json(), user);
  }
  const versionless = await (await fetch(`${worker.url}/scim/Users/${user.id}`, { headers })).json();
  assert.deepEqual(versionless, { ...user, meta: { ...user.meta, location: `${worker.url}/scim/Users/${user.id}` } });
});
