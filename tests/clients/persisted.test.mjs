// Documents by hash, as they travel.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PortalProgramsDocument } from "./build/generated/codegen/graphql.js";
import { strict, tokens, url } from "./service.mjs";

const list = "generated/codegen/persisted-documents.json";
const documents = JSON.parse(readFileSync(list, "utf8"));
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

async function send(request, { to = url, token = tokens.specialist } = {}) {
  const response = await fetch(to, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(request),
  });
  return response.json();
}

const byHash = (sha256Hash, query) => ({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } });

test("a document in the list that GraphQL Code Generator writes runs by its id once it is known", async () => {
  const documentId = PortalProgramsDocument.__meta__.hash;
  const told = await send(byHash(documentId.replace("sha256:", ""), documents[documentId]));
  assert.equal(told.errors, undefined);
  const known = await send({ documentId });
  assert.equal(known.errors, undefined);
  assert.deepEqual(known.data, told.data);
});

test("a hash that nobody has sent a text for is answered as Apollo Client expects", async () => {
  const { data, errors } = await send(byHash(sha256(`never sent ${Date.now()}`)));
  assert.equal(data, undefined);
  assert.equal(errors[0].message, "PersistedQueryNotFound");
  assert.equal(errors[0].extensions.code, "PERSISTED_QUERY_NOT_FOUND");
});

test("a text under the hash of another is refused, and is not kept", async () => {
  const hash = sha256(`{ viewer { id } } # ${Date.now()}`);
  const { data, errors } = await send(byHash(hash, "{ viewer { email } }"));
  assert.equal(data, undefined);
  assert.deepEqual(errors.map((it) => it.extensions.code), ["BAD_REQUEST"]);
  const later = await send(byHash(hash));
  assert.equal(later.errors[0].extensions.code, "PERSISTED_QUERY_NOT_FOUND");
});

test("the text of somebody who is not signed in runs, and is not kept", async () => {
  const text = `query Stranger${Date.now()} { programs { key } }`;
  const hash = sha256(text);
  const stranger = { token: null };
  const { data } = await send(byHash(hash, text), stranger);
  assert.ok(data.programs.length > 0);
  const later = await send(byHash(hash), stranger);
  assert.equal(later.errors[0].extensions.code, "PERSISTED_QUERY_NOT_FOUND");
});

test("a service that allows only the list runs what is in it, and nothing else", async () => {
  const known = { to: strict.url, token: strict.tokens.specialist };
  const documentId = PortalProgramsDocument.__meta__.hash;
  const byId = await send({ documentId }, known);
  assert.ok(byId.data.programs.length > 0);
  const byText = await send({ query: documents[documentId] }, known);
  assert.deepEqual(byText.data, byId.data);

  const text = "{ programs { key } }";
  for (const request of [{ query: text }, byHash(sha256(text), text), byHash(sha256(text))]) {
    const { data, errors } = await send(request, known);
    assert.equal(data, undefined);
    assert.equal(errors[0].extensions.code, "DOCUMENT_NOT_ALLOWED");
  }
});
