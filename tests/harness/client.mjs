// Requests to the Worker as an identity provider sends them: with a bearer token and SCIM's media type.

const mediaType = 'application/scim+json';

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns scimFetch(method, path, body, { headers, token }) -> { status, headers, body, text }.
 *
 * `path`    what follows /scim/v2, such as `/Users?filter=...`, already percent-encoded
 * `body`    any value, sent as JSON; a string or bytes go as they are; undefined sends none
 * `headers` added to the usual ones, or put in their place
 * `token`   another token than the Worker's; null sends no Authorization at all
 *
 * In the answer `headers` is a Headers object, and `body` the parsed JSON or undefined.
 */
export function scimClient(scim, workerToken) {
  return async (method, path, body, { headers = {}, token = workerToken } = {}) => {
    const sent = new Headers({ accept: mediaType });
    if (token !== null) sent.set('authorization', `Bearer ${token}`);
    if (body !== undefined) sent.set('content-type', mediaType);
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const asIs = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(scim + path, { method, headers: sent, body: asIs ? body : JSON.stringify(body), redirect: 'manual' });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text), text };
  };
}
