// A D1 that fails on command. The Worker is the built one, and calls the runtime's own D1 client. In place of a
// remote database, the runtime reaches a proxy in this process, and the proxy a real D1 in another runtime. So errors
// have D1's own texts, and a lost connection is really lost. Not here: what the Worker should answer.

import http from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { Miniflare } from 'miniflare';
import { applyMigrations } from './migrations.mjs';
import { local } from './worker.mjs';

/**
 * D1's texts for transient problems: developers.cloudflare.com/d1/observability/debug-d1, and some that were seen.
 */
export const passing = [
  'D1 DB reset because its code was updated.',
  'Internal error while starting up D1 DB storage caused object to be reset.',
  'Network connection lost.',
  'Internal error in D1 DB storage caused object to be reset.',
  'Cannot resolve D1 DB due to transient issue on remote node.',
  "Can't read from request stream because client disconnected.",
  'internal error; reference = 0a1b2c',
];

/** D1's texts for more requests than it can serve. */
export const overloaded = ['D1 DB is overloaded. Requests queued for too long.', 'D1 DB is overloaded. Too many requests queued.'];

/** D1's texts for a statement that it ended for its cost. */
export const exhausted = [
  'D1 DB storage operation exceeded timeout which caused object to be reset.',
  "D1 DB's isolate exceeded its memory limit and was reset.",
  'D1 DB exceeded its CPU time limit and was reset.',
];

/** A statement that every D1 refuses. */
const broken = { sql: 'SELECT missing FROM nowhere', params: [] };

async function answer(d1, queries) {
  try {
    return await d1.batch(queries.map(({ sql, params }) => d1.prepare(sql).bind(...(params ?? []))));
  } catch (error) {
    return { success: false, error: error.cause?.message ?? error.message };
  }
}

/**
 * What an instance asks and writes after an answer, at times of its own: what requests there were, and once a minute whether a tenant has
 * followers. It neither counts as a call nor fails.
 */
const isAfterAnswer = (queries) => queries.every(({ sql }) => /^(INSERT INTO (counters|marks|refusals) |SELECT id FROM webhook_endpoints |SELECT is_on = 1 AND )/.test(sql));

/** How a call may fail: what is sent in place of D1's answer, or undefined for a connection that ends. */
const faults = {
  /** D1 says so, and has done nothing. */
  says: (text) => async () => ({ success: false, error: text }),
  /** The connection ends before D1 is reached. */
  dropped: () => async () => undefined,
  /** D1 has done it; the connection ends before the answer. */
  lost: () => async (d1, queries) => void (await answer(d1, queries)),
  /** A statement fails, at this place of the batch. */
  within: (place) => async (d1, queries) => answer(d1, queries.toSpliced(place, 0, broken)),
  /** D1 answers, and claims that each statement has read that many rows. */
  reads: (rows) => async (d1, queries) => (await answer(d1, queries)).map((result) => ({ ...result, meta: { ...result.meta, rows_read: rows } })),
  /** A server between the Worker and D1 answers. */
  foreign: () => async () => 'error code: 1031',
  /** D1 answers, but not for all statements. */
  short: () => async (d1, queries) => (await answer(d1, queries)).slice(0, -1),
  /** D1 answers that a statement after the first failed. */
  second: (text) => async (d1, queries) => (await answer(d1, queries)).toSpliced(1, 1, { success: false, error: text }),
};

/**
 * Starts it. Returns { url, d1, fail, hold, recover, stop }:
 * `d1`       the real database
 * `fail`     fail('says', text, { after: 1, times: 2 }): after so many calls, so many calls fail in this way
 * `hold`     hold('before') keeps the next call from D1, hold('after') its answer from the Worker; returns { held, release }: the promise of
 *            that, and what ends it
 * `recover`  no call fails any more; returns how many calls there were since fail()
 */
export async function startFaultyD1() {
  const runtime = new Miniflare({
    ...local,
    workers: [{ config: { name: 'storage', compatibilityDate: '2026-01-01', manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: 'export default {}' } } }, env: { DB: { type: 'd1', id: 'DB' } } } }],
  });
  const d1 = await runtime.getD1Database('DB');
  await applyMigrations(d1);

  let failing;
  let calls = 0;
  const serve = async (request, response) => {
    const queries = [await json(request)].flat();
    const isCounted = !isAfterAnswer(queries);
    const call = calls;
    calls += isCounted;
    const fails = isCounted && failing && call >= failing.after && call < failing.after + failing.times;
    const sent = await (fails ? failing.fault : answer)(d1, queries);
    if (sent === undefined) return request.socket.destroy();
    response.writeHead(200, { 'content-type': 'application/json', 'MF-Forwarded-Response': '1' });
    response.end(typeof sent === 'string' ? sent : JSON.stringify(sent));
  };
  const server = http.createServer((request, response) => void serve(request, response).catch((error) => response.destroy(error)));
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    d1,
    fail: (name, detail, { after = 0, times = 1 } = {}) => {
      failing = { fault: faults[name](detail), after, times };
      calls = 0;
    },
    hold: (when) => {
      const [held, released] = [Promise.withResolvers(), Promise.withResolvers()];
      const wait = () => (held.resolve(), released.promise);
      const fault = async (d1, queries) => {
        if (when === 'before') await wait();
        const answered = await answer(d1, queries);
        if (when === 'after') await wait();
        return answered;
      };
      failing = { fault, after: 0, times: 1 };
      calls = 0;
      return { held: held.promise, release: released.resolve };
    },
    recover: () => {
      failing = undefined;
      return calls;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await runtime.dispose();
    },
  };
}
