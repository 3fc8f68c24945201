// Takes pictures of the console: `npm run pictures`. It starts the built Worker with a database of its own, plays a day of a few customers
// into it, and opens the pages in Chromium.
//
//   scene      the customers, their people, and what went wrong that day
//   pages      which pages there are pictures of
//
// `npm run pictures` writes those of the documents into docs/pictures; `npm run pictures -- --all <folder>` every page, in light and in
// dark, at three widths, to be looked at after a change of a template or of the sheet.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enter, startChromium } from '../../tests/harness/chromium.mjs';
import { oneTimeLink } from '../../tests/harness/console.mjs';
import { startWorker, unlimited } from '../../tests/harness/index.mjs';
import { withAdmin } from '../../tests/harness/admin.mjs';
import { pages, shown } from './pages.mjs';
import { play } from './scene.mjs';

const widths = [360, 800, 1280];
const documents = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));

const all = process.argv[2] === '--all' ? process.argv[3] : undefined;
if (process.argv.length > 2 && !all) {
  console.error('npm run pictures [-- --all <folder>]');
  process.exit(2);
}
const folder = all ?? documents;
mkdirSync(folder, { recursive: true });

const worker = await startWorker({ ...withAdmin, rates: unlimited });
const chromium = await startChromium();
const { page } = await enter(chromium, worker, (await oneTimeLink(worker, 'admin', 'Grace')).url);

async function take(name, path, { width, height, colorScheme, fullPage = false }) {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  await page.goto(worker.url + path);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

try {
  const scene = await play(worker);
  if (all) {
    for (const [name, path] of Object.entries(pages(scene))) {
      for (const width of widths) {
        for (const colorScheme of ['light', 'dark']) await take(`${name}-${width}-${colorScheme}`, path, { width, height: 800, colorScheme, fullPage: true });
      }
    }
  } else {
    for (const [name, { path, ...look }] of Object.entries(shown(scene))) await take(name, path, { width: 1100, height: 720, colorScheme: 'light', ...look });
  }
} finally {
  await chromium.close();
  await worker.stop();
}
