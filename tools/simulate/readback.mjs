// Reads the application's whole directory: users by cursor (RFC 9865), groups with their members by index.

async function page(client, path) {
  const answer = await client.request('read back', 'GET', path);
  if (answer.status !== 200) throw new Error(`GET ${path} -> ${answer.status} ${answer.text.slice(0, 500)}`);
  return answer.body;
}

async function byCursor(client, endpoint, count) {
  const found = [];
  const totals = new Set();
  for (let cursor = ''; cursor !== undefined; ) {
    const body = await page(client, `${endpoint}?count=${count}&cursor=${cursor}`);
    found.push(...body.Resources);
    totals.add(body.totalResults);
    cursor = body.nextCursor;
  }
  return { resources: found, totals: [...totals] };
}

async function byIndex(client, endpoint, count) {
  const found = [];
  const totals = new Set();
  for (let total = 1; found.length < total; ) {
    const body = await page(client, `${endpoint}?startIndex=${found.length + 1}&count=${count}`);
    totals.add(body.totalResults);
    total = body.Resources?.length ? body.totalResults : 0;
    found.push(...(body.Resources ?? []));
  }
  return { resources: found, totals: [...totals] };
}

export const readBack = async (client) => ({
  users: await byCursor(client, '/Users', 500),
  groups: await byIndex(client, '/Groups', 20),
});
