// What a tenant's clients did, as lines for a person and as evidence for an auditor; and erasing a person.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { UserError } from '../lib/process.mjs';
import { timeOf } from './arguments.mjs';
import { many } from './format.mjs';

const below = (tenant, path) => `/tenants/${encodeURIComponent(tenant)}/${path}`;

const query = (parameters) =>
  Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

const named = (resource) => [resource?.type, resource?.id, resource?.name].filter((part) => part).join(' ');

/** Returns the line of an entry: when, what, to whom, by whom. */
function line({ at, kind, operation, resource, actor, ...entry }) {
  const by = `by ${actor.name ?? actor.id}`;
  if (kind === 'refusal') {
    const about = resource ? ` (${named(resource)})` : '';
    return `${at}  refused  ${operation}${about}: ${entry.status} ${entry.scimType ?? ''}`.trimEnd() + `, ${entry.detail}, ${by}`;
  }
  const parts = (entry.changes ?? []).map(({ path }) => path);
  if (entry.came) parts.push(`${many(entry.came, 'member')} came`);
  if (entry.went) parts.push(`${many(entry.went, 'member')} went`);
  return `${at}  ${operation}  ${named(resource)}${parts.length ? `: ${parts.join(', ')}` : ''}, ${by}`;
}

function printSummary(tenant, { marks, requests }) {
  const cycle = (each) => (each ? `${each.began} to ${each.lastRequest}${each.isOver ? '' : ', perhaps not over'}` : 'none yet');
  console.log(tenant);
  console.log(`  last request     ${marks.lastRequest ?? 'none yet'}`);
  console.log(`  test connection  ${marks.testConnection ?? 'none yet'}`);
  console.log(`  first user       ${marks.firstUser ?? 'none yet'}`);
  console.log(`  first group      ${marks.firstGroup ?? 'none yet'}`);
  console.log(`  cycle            ${cycle(marks.cycle)}`);
  console.log(`  the one before   ${cycle(marks.previousCycle)}`);
  const sums = Object.entries(requests.sums).map(([name, count]) => `${count} ${name}`);
  console.log(`  since ${requests.from}: ${sums.join(', ') || 'no requests'}\n`);
}

function limitOf({ limit = '100' }) {
  if (!/^\d{1,6}$/.test(limit) || Number(limit) === 0) throw new UserError(`--limit must be a number from 1 to 999999, but is \`${limit}\``);
  return Number(limit);
}

async function activity(api, tenant, options) {
  let left = limitOf(options);
  const { outcome, resource, actor } = options;
  const asked = { from: timeOf(options.from), to: timeOf(options.to), outcome, resource, actor };
  for (let cursor; left > 0 && cursor !== null; ) {
    const { body } = await api('GET', below(tenant, `activity?${query({ ...asked, limit: Math.min(left, 500), cursor })}`));
    if (!cursor) printSummary(tenant, body);
    for (const entry of body.entries) console.log(line(entry));
    left -= body.entries.length;
    cursor = body.next;
  }
}

/** Writes the evidence as it comes, page by page, to the output or to a file that is not there yet. */
async function audit(api, tenant, options) {
  const range = { from: timeOf(options.from), to: timeOf(options.to) ?? new Date().toISOString() };
  let file = 1;
  try {
    if (options.file) file = openSync(options.file, 'wx', 0o600);
  } catch (error) {
    throw new UserError(error.code === 'EEXIST' ? `${options.file} exists: name another file with --file` : error.message);
  }
  let whole = false;
  try {
    for (let cursor; cursor !== null; ) {
      const { text, headers } = await api('GET', below(tenant, `audit?${query({ ...range, cursor })}`));
      for (let rest = Buffer.from(text); rest.length; ) rest = rest.subarray(writeSync(file, rest));
      cursor = headers.get('x-next-cursor');
    }
    whole = true;
  } finally {
    if (options.file) {
      closeSync(file);
      if (!whole) rmSync(options.file);
    }
  }
}

async function erase(api, tenant, options) {
  if (!options.user) throw new UserError('`erase` needs --user <id>: the id of the user in this service');
  if (!options.yes) throw new UserError(`this deletes the user ${options.user} of ${tenant}, and what the log knows of the person: add --yes`);
  let [rows, wasDeleted] = [0, false];
  for (let after = 0; after !== null; ) {
    const { body } = await api('POST', below(tenant, 'erase'), { user: options.user, after });
    rows += body.logRows;
    wasDeleted ||= body.wasDeleted;
    after = body.next;
  }
  const was = wasDeleted ? 'deleted' : 'not in the directory any more';
  console.log(`the user ${options.user} of ${tenant} was ${was}; ${many(rows, 'row')} of the log no longer name the person`);
  console.log('  not reached: files of `export` and `audit`, back-ups, and what followers of the events have been told');
}

export const activityCommands = { activity, audit, erase };
