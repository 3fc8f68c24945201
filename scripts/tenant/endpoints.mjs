// Endpoints of webhooks: where a tenant's events are sent. A secret is printed here, once, and kept nowhere.

import { UserError } from '../lib/process.mjs';
import { durationInHours, timeOf } from './arguments.mjs';
import { many } from './format.mjs';

const below = (tenant, id, act) => ['/tenants', encodeURIComponent(tenant), 'endpoints', id && encodeURIComponent(id), act].filter((part) => part).join('/');

function needed(options) {
  if (!options.id) throw new UserError('which endpoint? Add --id <id>: `endpoints <tenant>` lists them');
  return options.id;
}

function print(each) {
  const types = each.types.length ? each.types.join(', ') : 'all types';
  const how = [types, each.batch > 1 && `up to ${each.batch} in one`, each.thin && 'thin'].filter((part) => part).join(', ');
  console.log(`endpoint ${each.id}  ${each.state}: ${each.url} (${how})`);
  if (each.reason) console.log(`  ${each.reason}`);
  console.log(`  ${many(each.deliveries, 'delivery', 'deliveries')}, the last ${each.lastDelivery ?? 'never'}; after ${each.cursor}${each.behind === null ? '' : `, ${many(each.behind, 'change')} behind`}`);
  if (each.failures) console.log(`  failed ${many(each.failures, 'time')}: ${each.lastError}; the next attempt is at ${each.nextAttempt}`);
}

function printSecret({ id, url, secret, oldSecretUntil }) {
  console.log(`\n  Endpoint: ${id}\n  Sends to: ${url}\n  Secret:   ${secret}\n`);
  console.log('  The secret is shown this once. Receivers check signatures with it (docs/WEBHOOKS.md).');
  if (oldSecretUntil) console.log(`  The old secret signs beside it until ${oldSecretUntil}.`);
}

async function create(api, tenant, options) {
  if (!options.receiver) throw new UserError('`endpoint` needs --url: where events are sent');
  const batch = options.batch === undefined ? undefined : Number(options.batch);
  if (batch !== undefined && !Number.isInteger(batch)) throw new UserError(`--batch must be a number of events, but is \`${options.batch}\``);
  const types = options.types?.split(',').map((type) => type.trim()).filter((type) => type);
  const { body } = await api('POST', below(tenant), { url: options.receiver, types, batch, thin: options.thin });
  printSecret(body);
}

async function list(api, tenant) {
  const { body } = await api('GET', below(tenant));
  body.endpoints.forEach(print);
  if (!body.endpoints.length) console.log(`${tenant} has no endpoint: \`endpoint ${tenant} --url https://...\` makes one`);
}

async function act(api, tenant, options, name, body) {
  const answer = await api('POST', below(tenant, needed(options), name), body);
  print(answer.body);
  return answer.body;
}

async function replay(api, tenant, options) {
  if ((options.sequence === undefined) === (options.time === undefined)) throw new UserError('either --sequence <number> or --time 2026-01-31 must say from where');
  if (options.sequence !== undefined && !/^\d{1,15}$/.test(options.sequence)) throw new UserError(`--sequence must be a number, but is \`${options.sequence}\``);
  const from = options.time === undefined ? { sequence: Number(options.sequence) } : { time: timeOf(options.time) };
  await act(api, tenant, options, 'replay', from);
}

async function rotate(api, tenant, options) {
  const overlapHours = options.overlap === undefined ? undefined : durationInHours(options.overlap);
  if (overlapHours !== undefined && !Number.isInteger(overlapHours)) throw new UserError(`--overlap must be in whole hours, such as 24h, but is \`${options.overlap}\``);
  printSecret((await api('POST', below(tenant, needed(options), 'rotate'), { overlapHours })).body);
}

async function skip(api, tenant, options) {
  const { skipped } = await act(api, tenant, options, 'skip');
  console.log(skipped ? `  skipped: ${skipped}` : '  there was nothing to skip');
}

async function test(api, tenant, options) {
  const { body } = await api('POST', below(tenant, needed(options), 'test'));
  if (!body.delivered) throw new UserError(`the test event was not taken: ${body.error}`);
  console.log(`the test event was taken: ${body.status}`);
}

async function remove(api, tenant, options) {
  const { body } = await api('DELETE', below(tenant, needed(options)));
  console.log(`endpoint ${body.id} is deleted; nothing more is sent to ${body.url}`);
}

export const endpointCommands = {
  endpoint: create,
  endpoints: list,
  'pause-endpoint': (api, tenant, options) => act(api, tenant, options, 'pause'),
  'resume-endpoint': (api, tenant, options) => act(api, tenant, options, 'resume'),
  'rotate-secret': rotate,
  replay,
  skip,
  'test-endpoint': test,
  'delete-endpoint': remove,
};
