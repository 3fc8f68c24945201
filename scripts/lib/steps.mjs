// One line when a step begins, one when it ends, so that a long step never looks like a hang.

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Runs `body` between two lines: what it does and about how long it takes, and how long it took. */
export async function step(what, about, body) {
  console.log(`[scim-edge] ${what} (${about}) ...`);
  const begun = performance.now();
  const result = await body();
  console.log(`[scim-edge] ${what}: done in ${seconds(begun)}`);
  return result;
}
