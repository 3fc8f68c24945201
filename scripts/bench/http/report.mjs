// The rows as text: lines while they are measured, and the table of docs/PERFORMANCE.md. Not here: the chart (chart.mjs).

import { compare, median } from './measure.mjs';

const digits = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2));

/** What a row is compared with: the floor where it is not the echo. */
export const reference = (row) => row.results.get(row.reference ?? 'floor');

const title = ({ name, users }) => (users === undefined || name.includes('group of') ? name : `${name}, ${users.toLocaleString('en')} users`);

/** One server's figure in a row, and how it is to the reference, where both are there. */
function cell(row, name) {
  const result = row.results.get(name);
  if (!result) return '';
  if (result.failed) return result.failed;
  if (!result.rounds.length) return 'takes too long';
  return digits(median(result.rounds));
}

/** Times are divided by the floor's, so that less is better; requests a second likewise, so that more is. */
function ratio(row, name) {
  const compared = compare(row.results.get(name), reference(row));
  if (!compared) return undefined;
  return { text: compared.ratio.toFixed(2), spread: compared.spread.map((value) => value.toFixed(2)).join(' to ') };
}

/** A row on the terminal. */
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

/** The table in Markdown: times as they were, ours also as a ratio to the floor with the quartiles of the rounds. */
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

/** The bars of the chart: for each row how the servers are to the reference. */
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
