// A bar chart as SVG: a group of bars for each step, and in it a bar for each server, whose length is the ratio of
// its time to the floor's. The axis is logarithmic, since servers differ by orders of magnitude. Not here: what is
// measured.

const colours = ['#d9480f', '#1c7ed6', '#5c940d', '#862e9c', '#495057'];
const [left, width, right] = [330, 480, 60];
const [bar, gap, top, bottom] = [13, 12, 64, 34];

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x, y, value, more = '') => `<text x="${x}" y="${y}" ${more}>${escaped(value)}</text>`;

/** Returns the position of a ratio: half the floor at the left end, the largest ratio at the right end. */
function scale(groups) {
  const all = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  const [least, most] = [Math.min(0.5, ...all), Math.max(2, ...all)].map(Math.log);
  return (ratio) => left + ((Math.log(ratio) - least) / (most - least)) * width;
}

function ticks(place, groups) {
  const most = Math.max(2, ...groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio)));
  return [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].filter((value) => value <= most && place(value) >= left);
}

/**
 * Returns the chart. `groups` is a list of { title, bars: [{ name, ratio }] }; `names` are the servers, in their
 * order.
 */
export function chart(groups, names, heading) {
  const place = scale(groups);
  const heights = groups.map(({ bars }) => bars.length * bar + gap);
  const height = top + heights.reduce((sum, one) => sum + one, 0) + bottom;
  const lines = ticks(place, groups).map((value) => {
    const x = place(value).toFixed(1);
    const strong = value === 1 ? 'stroke="#212529"' : 'stroke="#ced4da"';
    return `<line x1="${x}" x2="${x}" y1="${top - 8}" y2="${height - bottom}" ${strong}/>${text(x, height - bottom + 16, `${value}`, 'text-anchor="middle"')}`;
  });
  let y = top;
  const body = groups.map(({ title, bars }, at) => {
    const begin = y;
    y += heights[at];
    const drawn = bars.map(({ name, ratio }, row) => {
      const [from, to] = [place(1), place(ratio)].sort((one, other) => one - other);
      const line = begin + row * bar;
      const rect = `<rect x="${from.toFixed(1)}" y="${line}" width="${Math.max(1, to - from).toFixed(1)}" height="${bar - 2}" fill="${colours[names.indexOf(name) % colours.length]}"/>`;
      return rect + text((Math.max(to, place(1)) + 4).toFixed(1), line + bar - 3, ratio.toFixed(ratio < 10 ? 2 : 0));
    });
    return text(left - 10, begin + (bars.length * bar) / 2 + 4, title, 'text-anchor="end"') + drawn.join('');
  });
  const legend = names.map((name, at) => {
    const x = left + at * 125;
    return `<rect x="${x}" y="34" width="10" height="10" fill="${colours[at % colours.length]}"/>${text(x + 14, 43, name)}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + right} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${escaped(heading)}</title><rect width="100%" height="100%" fill="#ffffff"/>`,
    text(10, 20, heading, 'font-size="13" font-weight="bold"'),
    ...legend,
    ...lines,
    ...body,
    '</svg>\n',
  ].join('\n');
}
