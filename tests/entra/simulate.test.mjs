// The simulated Azure AD (tools/simulate) at a small size, with faults, in both dialects; and that it would notice a
// wrong directory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Directory } from '../../tools/simulate/directory.mjs';
import { passTime } from '../../tools/simulate/events.mjs';
import { Progress } from '../../tools/simulate/progress.mjs';
import { report } from '../../tools/simulate/report.mjs';
import { simulate } from '../../tools/simulate/simulate.mjs';
import { follower } from '../../tools/simulate/follower.mjs';
import { adminToken, withAdmin } from '../harness/admin.mjs';
import { startWorker } from '../harness/index.mjs';
import { assertUnharmed } from '../harness/scim.mjs';

const small = { users: 120, groups: 12, cycles: 4, concurrency: 16, token: 'test-token' };

async function run(options) {
  const worker = await startWorker(withAdmin);
  try {
    const application = await follower(worker, adminToken);
    const result = await simulate({ ...small, ...options, application, scim: worker.scim, progress: new Progress(), inspect: () => options.inspect?.(worker) });
    assertUnharmed(worker);
    return result;
  } finally {
    await worker.stop();
  }
}

for (const [flag, seed] of [[false, 1], [true, 2]]) {
  test(`a directory comes over exactly, ${flag ? 'with' : 'without'} the flag, though 5 % of the requests go wrong`, async (context) => {
    const result = await run({ flag, seed, faults: 5, timeout: 1000 });
    assert.deepEqual(result.differences, [], report(result));
    assert.ok(Object.values(result.injected).every((count) => count > 0), JSON.stringify(result.injected));
    assert.ok(result.followed.events > 500 && result.followed.refused > 0 && result.followed.restarts === 4, JSON.stringify(result.followed));
    context.diagnostic(`${result.statistics.requests} requests in ${result.seconds.toFixed(1)} s, faults ${JSON.stringify(result.injected)}`);
  });
}

test('the comparison finds what is wrong in the application', async () => {
  const { differences } = await run({
    users: 30,
    groups: 3,
    cycles: 0,
    seed: 3,
    inspect: async ({ d1, scimFetch }) => {
      const [{ group_id: group, member_id: member }] = (await d1.prepare('SELECT * FROM memberships LIMIT 1').all()).results;
      await d1.prepare('DELETE FROM memberships WHERE group_id = ?1 AND member_id = ?2').bind(group, member).run();
      const { body } = await scimFetch('GET', '/Users?count=3');
      const [changed, gone, disabled] = body.Resources.map(({ id }) => id);
      await scimFetch('PATCH', `/Users/${changed}`, { Operations: [{ op: 'replace', path: 'name.familyName', value: 'Somebody' }] });
      await scimFetch('DELETE', `/Users/${gone}`);
      await scimFetch('PATCH', `/Users/${disabled}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });
      await scimFetch('POST', '/Users', { userName: 'nobody' });
    },
  });
  for (const wrong of [/lacks the member/, /name\.familyName is "Somebody"/, /is missing/, /active is false, should be true/, /User nobody .* is extra/]) {
    assert.ok(differences.some((text) => wrong.test(text)), `${wrong} in\n${differences.join('\n')}`);
  }
});

test('a seed decides the directory and all that happens in it', () => {
  const lived = (seed) => {
    const directory = new Directory({ users: 60, groups: 6, seed });
    for (let cycle = 0; cycle < 3; cycle += 1) passTime(directory);
    return JSON.stringify([...directory.objects.values()].map((object) => ({ ...object, members: [...(object.members ?? [])] })));
  };
  assert.equal(lived(5), lived(5));
  assert.notEqual(lived(5), lived(6));
});
