// The rows as text: lines while they are measured, and the table of docs/PERFORMANCE.md. Not here: the chart (chart.mjs).

import { compare, median } from './measure.mjs';

const digits = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2));

/** Returns what a row is compared with: the floor, unless the row names another. */
export const reference = (row) => row.results.get(row.reference ?? 'floor');

const title = ({ name, users }) => (users === undefined || name.includes('group of') ? name : `${name}, ${users.toLocaleString('en')} users`);

/** Returns one server's figure in a row, and its ratio to the reference, if both are there. */
function cell(row, name) {
  const result = row.results.get(name);
  if (!result) return '';
  if (result.failed) return result.failed;
  if (!result.rounds.length) return 'takes too long';
  return digits(median(result.rounds));
}

/** Returns the ratio to the floor: of times, where less is better, and of requests a second, where more is better. */
function ratio(row, name) {
  const compared = compare(row.results.get(name), reference(row));
  if (!compared) return undefined;
  return { text: compared.ratio.toFixed(2), spread: compared.spread.map((value) => value.toFixed(2)).join(' to ') };
}

/** Returns a row for the terminal. */
export function line(row) {
  const figures = [...row.results.keys()].map((name) => {
    const compared = name === (row.reference ?? 'floor') ? undefined : ratio(row, name);
    return `${name} ${cell(row, name)}${compared ? ` (x${compared.text}, ${compared.spread})` : ''}`;
  });
  return `${title(row).padEnd(42)} [${row.unit}]  ${figures.join('   ')}`;
}

function ours(row) {
  const compared = ratio(row, 'scim-edge');
  return compared ? `${compared.text} (${compared.spread})` : '';
}

/**
 * Returns the table in Markdown: measured times, this project's also as a ratio to the floor with the quartiles of
 * the rounds.
 */
export function table(rows, servers) {
  const others = servers.filter(({ name }) => !['scim-edge', 'floor', 'echo'].includes(name));
  const columns = ['', 'scim-edge / floor', 'scim-edge', 'floor', ...others.map(({ name, keeps }) => (keeps ? `${name} (${keeps})` : name))];
  const head = [`| ${columns.join(' | ')} |`, `|${'---|'.repeat(columns.length)}`];
  const body = rows.map((row) => {
    const floor = row.reference === 'echo' ? `${cell(row, 'echo')} (echo)` : cell(row, 'floor');
    return `| ${[title(row), ours(row), cell(row, 'scim-edge'), floor, ...others.map(({ name }) => cell(row, name))].join(' | ')} |`;
  });
  return [...head, ...body].join('\n');
}

/** Returns the bars of the chart: for each row the ratios of the servers to the reference. */
export function bars(rows, servers) {
  return rows
    .filter(({ unit }) => unit === 'ms')
    .map((row) => ({
      title: title(row),
      bars: servers
        .map(({ name }) => ({ name, ratio: compare(row.results.get(name), reference(row))?.ratio }))
        .filter(({ name, ratio: value }) => value !== undefined && name !== (row.reference ?? 'floor')),
    }));
}
