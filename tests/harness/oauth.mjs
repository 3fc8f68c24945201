// A client of OAuth that requests an access token with its secret (RFC 6749 s4.4.2). Not here: assertions about the answer.

/** Makes the parameters of the request; `more` are others, or replace them. */
export const tokenRequest = ({ clientId, clientSecret }, more = {}) => ({
  grant_type: 'client_credentials',
  client_id: clientId,
  client_secret: clientSecret,
  ...more,
});

/** Requests a token of a client as the administration has shown it; returns { status, headers, body }. */
export async function issued(client, more = {}, headers = {}) {
  const body = new URLSearchParams(tokenRequest(client, more));
  const response = await fetch(client.tokenUrl, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
