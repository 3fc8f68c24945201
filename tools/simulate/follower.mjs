// What the vendor's application needs of a Worker that the simulation has started itself: a token that follows events, an endpoint of
// webhooks, and the trigger of each minute.

/** Returns { events, token, endpoint, tick }; see application.mjs. */
export async function follower({ url, scheduled }, adminToken) {
  const admin = async (path, body) => {
    const answer = await fetch(`${url}/admin/tenants/default/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { token } = await admin('tokens', { name: 'application', scopes: ['events'] });
  return {
    events: `${url}/events`,
    token,
    endpoint: (receiver) => admin('endpoints', { url: receiver, batch: 100 }),
    tick: (hours) => scheduled(new Date(Date.now() + 3_600_000 * hours)),
  };
}
