// A browser at the console of a Worker under test, without script: it keeps cookies, follows no redirect by itself, and says where a form
// comes from as browsers do. Not here: a real browser.

import assert from 'node:assert/strict';
import { adminClient } from './admin.mjs';

/** The headers by which a browser says that a form was sent from a page of the same host with `Referrer-Policy: no-referrer`. */
export const fromOwnPage = { origin: 'null', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

/** Returns the value of a hidden field of a page. */
export const hidden = (html, name) => html.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];

/**
 * Returns { cookies, ask, get, home, post, redeem, token, who } of a new browser:
 * `cookies`  a Map of the names and values that it keeps
 * `ask`      (method, path, { headers, body }) -> { status, headers, text, location }
 * `get`      (path, headers) -> the same
 * `post`     (path, fields, headers) -> the same; the headers of a form of an own page, unless others are given
 * `home`     (headers) -> the page that a person sees first
 * `who`      (headers) -> who that page says has signed in, and what the person may do: `Ada (may see and change acme)`
 * `redeem`   (link) opens the link and presses its button
 * `token`    () -> the token of its forms
 */
export function browser(worker) {
  const cookies = new Map();
  const ask = async (method, path, { headers = {}, body } = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const url = new URL(path, worker.url);
    const response = await fetch(url, { method, body, redirect: 'manual', headers: { ...(cookie && { cookie }), ...headers } });
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split('; ');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (attributes.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, value);
    }
    return { status: response.status, headers: response.headers, text: await response.text(), location: response.headers.get('location') };
  };
  const get = (path, headers) => ask('GET', path, { headers });
  const post = (path, fields = {}, headers = fromOwnPage) => ask('POST', path, { headers, body: new URLSearchParams(fields) });
  const redeem = async (link) => {
    const page = await get(link);
    assert.equal(page.status, 200, page.text);
    return post('/console/enter', { code: hidden(page.text, 'code') });
  };
  const home = async (headers) => {
    const page = await get('/console', headers);
    return page.location?.startsWith('/console/') && page.location !== '/console/sign-in' ? get(page.location, headers) : page;
  };
  const who = async (headers) => {
    const { text } = await home(headers);
    const [, person, reads] = text.match(/<p><bdi>(.*?)<\/bdi>( <small>may read<\/small>)?/) ?? [];
    const all = text.includes('<a href="/console"');
    const places = all ? 'every tenant' : text.match(/href="\/console\/([^/"]+)\/connect"/)?.[1];
    return `${person} (may see ${reads ? '' : 'and change '}${places})`;
  };
  const token = async () => hidden((await home()).text, 'form_token');
  return { cookies, ask, get, home, post, redeem, token, who };
}

/** Makes a one-time link of that role; returns it with its address in `url`. */
export async function oneTimeLink(worker, role = 'admin', person) {
  const { status, body, text } = await adminClient(worker)('POST', '/console/links', { role, person });
  assert.equal(status, 201, text);
  return body;
}

/** Makes a set-up link of a tenant; returns it with its address in `url`. */
export async function setupLink(worker, tenant, person) {
  const { status, body, text } = await adminClient(worker)('POST', `/tenants/${tenant}/setup-links`, { person });
  assert.equal(status, 201, text);
  return body;
}

/** Returns a browser whose person has signed in by that link. */
export async function signedIn(worker, { url }) {
  const one = browser(worker);
  const answer = await one.redeem(url);
  assert.equal(answer.status, 303, answer.text);
  assert.equal(answer.location, '/console');
  return one;
}

/** Returns send(path, fields): a form of a page of the tenant, with its token, sent by that browser. */
export const sender = (browser, tenant) => async (path, fields = {}) => {
  const form_token = hidden((await browser.get(`/console/${tenant}/health`)).text, 'form_token');
  return browser.post(`/console/${tenant}/${path}`, { form_token, ...fields });
};
