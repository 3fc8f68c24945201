// Servers in turns: a block of requests to the one, a block to the next, and so round after round (A B C A B C), so that
// whatever else the machine does meets all alike. Not here: what is asked (client.mjs).

/** A server that has used so much time in one step has shown enough. */
const budget = 12_000;

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

/** A quarter of the values lies below the first, a quarter above the second. */
export function quartiles(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return [sorted[Math.floor(sorted.length / 4)], sorted[Math.floor((sorted.length * 3) / 4)]];
}

/** One block: how long each of its requests took. */
async function block(client, ask, size) {
  const times = [];
  for (let n = 0; n < size; n += 1) times.push(await ask(client));
  return times;
}

/**
 * Measures one step of all clients in turns. Returns a Map from the client's name to { rounds } (the median of each round, in
 * milliseconds) or { failed } (why it is left out, in words). The first round is not counted: it warms up.
 */
export async function inTurns(clients, ask, { rounds, size }) {
  const results = new Map(clients.map(({ name }) => [name, { rounds: [], spent: 0 }]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const client of clients) {
      const result = results.get(client.name);
      if (result.failed || result.spent > budget) continue;
      try {
        const times = await block(client, ask, size);
        result.spent += times.reduce((sum, ms) => sum + ms, 0);
        if (round > 0) result.rounds.push(median(times));
      } catch (error) {
        result.failed = error.message;
      }
    }
  }
  return results;
}

/** The same for what is done once a round and has a figure of its own, such as requests a second. */
export const inTurnsOnce = (clients, ask, rounds) => inTurns(clients, ask, { rounds, size: 1 });

/** Does something with each client; returns those that it worked for. Whom it fails for is told by `failed(client, reason)`. */
export async function those(clients, act, failed) {
  const able = [];
  for (const client of clients) {
    try {
      await act(client);
      able.push(client);
    } catch (error) {
      failed(client, error.message);
    }
  }
  return able;
}

/** How one's rounds are to the other's in the same rounds: { ratio, spread }; undefined where one of them was left out. */
export function compare(one, other) {
  if (!one?.rounds?.length || !other?.rounds?.length || one.failed || other.failed) return undefined;
  const ratios = one.rounds.slice(0, other.rounds.length).map((ms, round) => ms / other.rounds[round]);
  return { ratio: median(ratios), spread: quartiles(ratios) };
}
