// Statistics of the requests: how many of which kind, how long they took, what they cost in D1.

export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Parses `d1;desc="round_trips=1 rows_read=6 rows_written=0"`. */
function cost(header) {
  const number = (name) => Number(header?.match(`${name}=(\\d+)`)?.[1] ?? 0);
  return { roundTrips: number('round_trips'), rowsRead: number('rows_read'), rowsWritten: number('rows_written') };
}

export class Statistics {
  kinds = new Map();
  statuses = new Map();

  /** Adds one answered request; an unanswered one has a word for its status and no time. */
  add(kind, status, milliseconds, serverTiming) {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (!this.kinds.has(kind)) this.kinds.set(kind, { requests: 0, unanswered: 0, latencies: [], roundTrips: 0, rowsRead: 0, rowsWritten: 0, mostRowsRead: 0 });
    const one = this.kinds.get(kind);
    one.requests += 1;
    if (milliseconds === undefined) {
      one.unanswered += 1;
      return;
    }
    one.latencies.push(milliseconds);
    const spent = cost(serverTiming);
    for (const [name, value] of Object.entries(spent)) one[name] += value;
    one.mostRowsRead = Math.max(one.mostRowsRead, spent.rowsRead);
  }

  get requests() {
    return [...this.kinds.values()].reduce((sum, one) => sum + one.requests, 0);
  }

  sum(name) {
    return [...this.kinds.values()].reduce((sum, one) => sum + one[name], 0);
  }

  latencies(kind) {
    const list = kind ? this.kinds.get(kind).latencies : [...this.kinds.values()].flatMap((one) => one.latencies);
    const sorted = Float64Array.from(list).sort();
    return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p99: percentile(sorted, 0.99), max: percentile(sorted, 1) };
  }
}
