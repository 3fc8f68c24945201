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
