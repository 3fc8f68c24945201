// Times the npm library scim-patch on the user and the operations of this project's own benchmark; prints nanoseconds
// as JSON. Arguments: the library's main file, the user, the PATCH. Started by bench.mjs in a process of its own.

import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [library, userFile, patchFile] = process.argv.slice(2);
const { default: { patchBodyValidation, scimPatch } } = await import(pathToFileURL(library));
const user = JSON.parse(readFileSync(userFile, 'utf8'));
const text = readFileSync(patchFile, 'utf8');
const { Operations } = JSON.parse(text);

function fromBody() {
  const body = JSON.parse(text);
  patchBodyValidation(body);
  return scimPatch(user, body.Operations, { mutateDocument: false });
}

const ways = {
  // What this project does: the body's text in, the changed document out, the previous document untouched.
  fromBody,
  // The least that it can do: operations that were read before, on a document that is changed in place.
  inPlace: () => scimPatch(user, Operations),
};

const before = structuredClone(user);
const patched = fromBody();
deepStrictEqual(user, before);
deepStrictEqual(
  [patched.displayName, patched.emails[0].value, patched.phoneNumbers.length, patched.name.formatted],
  ['Augusta Ada King', 'ada.king@contoso.example', 3, undefined],
);

/** Returns nanoseconds a call: the median of many rounds, after the engine has had time to optimise. */
function measure(way) {
  const rounds = [];
  for (let round = 0; round < 60; round += 1) {
    const begun = process.hrtime.bigint();
    for (let call = 0; call < 2_000; call += 1) way();
    rounds.push(Number(process.hrtime.bigint() - begun) / 2_000);
  }
  return rounds.slice(20).sort((one, other) => one - other)[20];
}

console.log(JSON.stringify(Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, measure(way)]))));
