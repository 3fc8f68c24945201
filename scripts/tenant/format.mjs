// How the state of what expires is shown: tokens, secrets, clients, issuers. Not here: which of it is printed.

const isOver = (expires) => expires && new Date(expires) <= new Date();

/** Returns whether it is neither revoked nor expired. */
export const inForce = ({ expires, revoked }) => !revoked && !isOver(expires);

export function life({ expires, revoked }) {
  if (revoked) return `revoked ${revoked}`;
  if (isOver(expires)) return `expired ${expires}`;
  return expires ? `until ${expires}` : 'in force';
}

export const many = (count, thing, things = `${thing}s`) => `${count} ${count === 1 ? thing : things}`;

export const hours = (count) => many(count, 'hour');

/** Returns the text about scopes that are not all of SCIM. */
export const limits = (scopes = ['scim']) => (scopes.includes('scim') ? '' : `, ${scopes.join(' ')} alone`);

/** Returns how far an edge copy is. */
export function edgeLine({ state, sequence, behind, caughtUp }) {
  if (state === 'off') return 'edge copy     off';
  const behindBy = behind ? `, ${many(behind, 'change')} behind` : '';
  return `edge copy     ${state}, up to sequence ${sequence}${behindBy}${caughtUp ? `, last complete ${caughtUp}` : ''}`;
}

/** Returns what to know when an edge copy is switched on. */
export const edgeHint = (tenant) => `the edge copy is filled in the background, about 300 users a minute; \`npm run edge -- rebuild ${tenant}\` does it now.
Each user is up to three writes of Workers KV, of which the free plan has 1,000 a day.`;
