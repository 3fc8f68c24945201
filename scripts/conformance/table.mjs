// The results as a table: suite, passed, total, and notes about the rest.

const row = (cells, widths) => cells.map((cell, at) => String(cell)[at === 1 || at === 2 ? 'padStart' : 'padEnd'](widths[at])).join('  ').trimEnd();

export function table(results) {
  const rows = [['suite', 'passed', 'total', ''], ...results.map(({ name, passed, total, note = '' }) => [name, passed, total, note])];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((cells) => String(cells[at]).length)));
  return rows.map((cells) => row(cells, widths)).join('\n');
}
