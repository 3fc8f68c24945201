// A real browser: headless Chromium by playwright-core, which downloads none. Not here: a browser without script (console.mjs).

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const places = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'],
};

function executable() {
  const found = [process.env.CHROMIUM, ...(places[process.platform] ?? [])].find((path) => path && existsSync(path));
  if (!found) throw new Error('the tests of the console need Chromium: `apt-get install chromium`, or Chrome, or its path in the variable CHROMIUM');
  return found;
}

/** Starts the browser. Its `close` ends it. */
export const startChromium = () => chromium.launch({ executablePath: executable(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/**
 * Starts a Worker and the browser before the tests of the file and hands both to `use`; after them the Worker must not have failed, and
 * both are stopped.
 */
export function serveInBrowser(use, options) {
  let browser;
  serve(async (worker) => {
    browser = await startChromium();
    use(worker, browser);
  }, options, () => browser?.close());
}

/**
 * Opens a window of its own, with cookies of its own. Returns { page, troubles }: `troubles` are the messages of its console, what a page
 * asked of another host, and failed requests.
 */
export async function openWindow(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) troubles.push(`asked for ${request.url()}`);
  });
  return { page, troubles, close: () => context.close() };
}

/** Opens a window and signs in by a link of the console, as its reader does: by the button. Options are those of the browser's context. */
export async function enter(browser, worker, link, options = {}) {
  const window = await openWindow(browser, worker.url, options);
  await window.page.goto(link);
  // Without script in the page, axe has none to run.
  if (options.javaScriptEnabled !== false) await assertAccessible(window.page);
  await window.page.getByRole('button').click();
  return window;
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Fails unless the page as it is shown keeps WCAG 2.2 AA, in light and in dark. */
export async function assertAccessible(page) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    assert.deepEqual(found, [], `${page.url()} in ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Fails unless the page fits the width of a phone: nothing but a table's own region is wider. */
export async function assertFits(page, width = 360) {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: 800 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${page.url()} is ${wide} px wider than ${width} px`);
  await page.setViewportSize(before);
}
