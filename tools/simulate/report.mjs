// The result as text.

const shown = 30;
const number = (value) => Math.round(value).toLocaleString('en-US');
const milliseconds = ({ p50, p95, p99, max }) => [p50, p95, p99, max].map((value) => value.toFixed(1).padStart(9)).join('');

export function report({ differences, statistics, initial, seconds, reading, retries, counts, injected, followed }) {
  const lines = ['', `${'request'.padEnd(34)}${'count'.padStart(9)}${['p50', 'p95', 'p99', 'max ms'].map((name) => name.padStart(9)).join('')}${'rows/req'.padStart(10)}${'most'.padStart(8)}`];
  for (const [kind, one] of [...statistics.kinds].sort(([, a], [, b]) => b.requests - a.requests)) {
    const answered = Math.max(one.latencies.length, 1);
    lines.push(`${kind.padEnd(34)}${number(one.requests).padStart(9)}${milliseconds(statistics.latencies(kind))}${(one.rowsRead / answered).toFixed(1).padStart(10)}${number(one.mostRowsRead).padStart(8)}`);
  }
  const statuses = [...statistics.statuses].sort().map(([status, count]) => `${status}: ${number(count)}`).join(', ');
  lines.push(
    '',
    `all requests     ${number(statistics.requests)} in ${seconds.toFixed(1)} s: ${number(statistics.requests / seconds)} a second (initial cycle: ${number(initial.requests)} in ${initial.seconds.toFixed(1)} s)`,
    `latency          p50, p95, p99, max: ${milliseconds(statistics.latencies()).trim().replace(/ +/g, ', ')} ms`,
    `D1               ${number(statistics.sum('roundTrips'))} round trips, ${number(statistics.sum('rowsRead'))} rows read, ${number(statistics.sum('rowsWritten'))} rows written`,
    `answers          ${statuses}`,
    `in retry         ${retries.join(', ')} objects after each cycle`,
    ...(injected ? [`faults           ${Object.entries(injected).map(([fault, count]) => `${fault}: ${count}`).join(', ')}`] : []),
    ...(followed ? [`application      ${Object.entries(followed).map(([name, count]) => `${name}: ${number(count)}`).join(', ')}`] : []),
    `read back        ${number(counts.users)} users, ${number(counts.groups)} groups, ${number(counts.memberships)} memberships in ${reading.toFixed(1)} s`,
    '',
    differences.length ? `${differences.length} DIFFERENCES:` : 'no differences: the application holds exactly what the directory holds',
    ...differences.slice(0, shown).map((text) => `  ${text}`),
    ...(differences.length > shown ? [`  and ${differences.length - shown} more`] : []),
  );
  return lines.join('\n');
}
