// Servers in turns: a block of requests to one, a block to the next, and so on, round after round (A B C A B C), so
// that other work on the machine affects all alike. Not here: what is requested (client.mjs).

/** The time after which a server has been measured enough in one step, in milliseconds. */
const budget = 12_000;

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Returns the quartiles: a quarter of the values lies below the first, a quarter above the second. */
export function quartiles(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return [sorted[Math.floor(sorted.length / 4)], sorted[Math.floor((sorted.length * 3) / 4)]];
}

/** Runs one block; returns how long each of its requests took. */
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

/** Does the same for what is measured once a round and has a figure of its own, such as requests a second. */
export const inTurnsOnce = (clients, ask, rounds) => inTurns(clients, ask, { rounds, size: 1 });

/**
 * Does something with each client; returns those for which it succeeded. `failed(client, reason)` is called for the
 * others.
 */
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

/**
 * Compares the rounds of one server with the same rounds of another: { ratio, spread }; undefined if one of them was
 * left out.
 */
export function compare(one, other) {
  if (!one?.rounds?.length || !other?.rounds?.length || one.failed || other.failed) return undefined;
  const ratios = one.rounds.slice(0, other.rounds.length).map((ms, round) => ms / other.rounds[round]);
  return { ratio: median(ratios), spread: quartiles(ratios) };
}
