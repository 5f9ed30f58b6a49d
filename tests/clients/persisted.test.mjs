// Documents by hash, as they travel.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { tokens, url } from "./service.mjs";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

async function send(request) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens.specialist}` },
    body: JSON.stringify(request),
  });
  return response.json();
}

const ask = (sha256Hash, query) => send({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } });

test("a document in the list that GraphQL Code Generator writes runs by its id once it is known", async () => {
  const list = JSON.parse(readFileSync("generated/codegen/portal-programs/persisted-documents.json", "utf8"));
  const [documentId, query] = Object.entries(list).find(([, text]) => text.includes("query PortalPrograms "));
  const told = await ask(documentId.replace("sha256:", ""), query);
  assert.equal(told.errors, undefined);
  const known = await send({ documentId });
  assert.equal(known.errors, undefined);
  assert.deepEqual(known.data, told.data);
});

test("a hash that nobody has sent a text for is answered as Apollo Client expects", async () => {
  const { data, errors } = await ask(sha256(`never sent ${Date.now()}`));
  assert.equal(data, undefined);
  assert.equal(errors[0].message, "PersistedQueryNotFound");
  assert.equal(errors[0].extensions.code, "PERSISTED_QUERY_NOT_FOUND");
});

test("a text under the hash of another is refused, and is not kept", async () => {
  const hash = sha256(`{ viewer { id } } # ${Date.now()}`);
  const { data, errors } = await ask(hash, "{ viewer { email } }");
  assert.equal(data, undefined);
  assert.equal(errors.length, 1);
  const later = await ask(hash);
  assert.equal(later.errors[0].extensions.code, "PERSISTED_QUERY_NOT_FOUND");
});
