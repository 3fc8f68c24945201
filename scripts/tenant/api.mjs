// Requests to the administration of a Worker. Not here: what they are for.

import { host, portFromEnvironment } from '../lib/port.mjs';
import { UserError } from '../lib/process.mjs';
import { askHidden } from '../lib/prompt.mjs';
import { localAdminToken } from '../lib/token.mjs';

// Options that have another name in the administration than at the command line.
const options = new Map([
  ['logRetentionDays', '`--log-days`'],
  ['activityRetentionDays', '`--activity-days`'],
  ['overlapHours', '`--overlap` in hours'],
  ['tokenSeconds', '`--token-life` in seconds'],
  ['entraTenant', '`--entra`'],
  ['issuer', '`--issuer`'],
  ['jwksUri', '`--jwks`'],
  ['clientId', '`--client`'],
  ['subject', '`--subject`'],
  ['audience', '`--audience`'],
]);

const inOptions = (detail) => detail.replace(/`(\w+)`/g, (text, name) => options.get(name) ?? text);

function address(url) {
  try {
    return new URL(url);
  } catch {
    throw new UserError(`\`${url}\` is not an address such as https://scim.example.com`);
  }
}

// The token is asked for, so that no shell has it in its history.
async function remoteToken(origin) {
  const token = process.env.ADMIN_TOKEN || (process.stdin.isTTY && (await askHidden(`ADMIN_TOKEN of ${origin} (not shown): `)));
  if (!token) throw new UserError('--remote needs ADMIN_TOKEN in the environment, or at the prompt of a terminal');
  return token;
}

async function place({ remote, url }) {
  if (!remote) {
    if (url) throw new UserError('--url needs --remote beside it');
    const token = localAdminToken();
    if (!token) throw new UserError('there is no ADMIN_TOKEN in .dev.vars yet: `npm start` makes it');
    return { base: `http://${host}:${portFromEnvironment()}`, token };
  }
  if (!url) throw new UserError('--remote needs the address of the Worker: --url https://host');
  const { protocol, origin, hostname } = address(url);
  // The token would be sent unencrypted.
  if (protocol !== 'https:' && hostname !== host) throw new UserError(`${url} is not an https address`);
  return { base: origin, token: await remoteToken(origin) };
}

/**
 * Returns a promise of request(method, path, body) -> { status, headers, text, body }; `path` is below /admin. A
 * refusal ends the command with its detail, unless `allowed` has its status.
 */
export async function adminApi(where) {
  const { base, token } = await place(where);
  // The secret may hold two tokens while one replaces the other: the newer one comes last.
  const authorization = `Bearer ${token.trim().split(/\s+/).at(-1)}`;
  return async (method, path, body, allowed = []) => {
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { authorization, 'content-type': 'application/json' };
    let response;
    try {
      response = await fetch(`${base}/admin${path}`, { method, headers, body: sent, redirect: 'error' });
    } catch (error) {
      throw new UserError(`${base} does not answer (${error.cause?.code ?? error.message}): is the Worker running?`);
    }
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.split(';')[0] === 'application/json';
    const answer = { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
    if (response.ok || allowed.includes(response.status)) return answer;
    const hint = response.status === 401 ? '\nADMIN_TOKEN differs from the secret of the Worker, or the secret is not set.' : '';
    throw new UserError(`${inOptions(answer.body?.detail ?? text.slice(0, 200))} (${response.status})${hint}`);
  };
}
