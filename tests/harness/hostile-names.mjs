// Names that would like to be markup, or to turn the direction of the text around them, and how a page must show them. Not here: hostile
// requests (tests/hostile).

import assert from 'node:assert/strict';

/** Returns a name of that many characters that begins with the word and goes on with markup. */
export const hostileName = (word, length = 1_000) =>
  `${word}<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{7*7}}&amp;\u{202e}gpj.exe\u{200f}`.padEnd(length, 'W').slice(0, length);

/** Asserts that a page shows the name from that word on, and only as text. */
export function assertShownAsText({ status, text }, word) {
  assert.equal(status, 200, text);
  assert.ok(text.includes(`${word}&#60;script&#62;alert(1)`) || text.includes(`${word}&lt;script&gt;alert(1)`), text);
  assertNoMarkup(text);
  // What turns the direction stands within an element of its own, so that it turns nothing else.
  for (const [before] of text.matchAll(/<[^<>]*>[^<>]*\u{202e}/gu)) assert.match(before, /^<(?:bdi|code|input|ins|del|title|h1)\b/, before);
}

/** Asserts that none of a hostile name has become markup. */
export function assertNoMarkup(text) {
  assert.doesNotMatch(text, /<script>|<img|onerror=alert\(2\)>\{\{|\b49&amp;amp;/);
  assert.equal(text.match(/<script\b/g)?.length, 1, 'the script of the console alone');
}
