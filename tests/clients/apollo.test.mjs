import { CombinedGraphQLErrors, gql } from "@apollo/client";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { connect, connectPersisted } from "./build/src/apollo.js";
import { Card, Claim, explain, Queue, Release } from "./build/src/tada.js";
import { tokens, url } from "./service.mjs";

const specialist = () => connect(url, tokens.specialist);

/** An application that nobody works on. */
async function unclaimed(client) {
  const { data } = await client.query({ query: Queue, variables: { first: 1 }, fetchPolicy: "network-only" });
  return data.applications.edges[0].node;
}

test("Apollo Client puts the next page behind the first in its cache", async () => {
  const client = specialist();
  const options = { query: Queue, variables: { first: 5 } };
  const { data } = await client.query(options);
  const queue = client.watchQuery(options);
  const shown = queue.subscribe({});
  try {
    await queue.fetchMore({ variables: { after: data.applications.pageInfo.endCursor } });
    const { applications } = client.readQuery(options);
    const ids = applications.edges.map((it) => it.node.id);
    assert.equal(ids.length, 10);
    assert.equal(new Set(ids).size, 10);
  } finally {
    shown.unsubscribe();
  }
});

test("Apollo Client reads one application", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const { data } = await client.query({ query: Card, variables: { id } });
  assert.equal(data.application.version, version);
});

test("Apollo Client claims an application, and every list that shows it knows", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const { data } = await client.mutate({
    mutation: Claim,
    variables: { input: { applicationId: id, expectedVersion: version } },
  });
  assert.deepEqual(data.claimApplication.userErrors, []);
  const shown = client.readQuery({ query: Queue, variables: { first: 1 } }).applications.edges[0].node;
  assert.equal(shown.id, id);
  assert.equal(shown.version, version + 1);
  assert.equal(shown.assignee.name, "Demo Specialist");
});

test("Apollo Client reads a stale version as data, with the version that stands", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const { data } = await client.mutate({
    mutation: Claim,
    variables: { input: { applicationId: id, expectedVersion: version - 1 } },
  });
  const [stale] = data.claimApplication.userErrors;
  assert.equal(stale.__typename, "StaleVersionError");
  assert.equal(stale.currentVersion, version);
  assert.equal(explain(stale), `Version ${version} stands now.`);
});

test("Apollo Client reads a refusal as data, in words", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const { data } = await client.mutate({
    mutation: Release,
    variables: { input: { applicationId: id, expectedVersion: version } },
  });
  const [refusal] = data.releaseApplication.userErrors;
  assert.equal(refusal.code, "WRONG_STATE");
  assert.equal(refusal.status, "IN_REVIEW");
  assert.equal(explain(refusal), "It is IN_REVIEW; this can be done in ON_HOLD.");
});

test("Apollo Client sends a claim again with its key, and it is carried out once", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const claim = {
    mutation: Claim,
    variables: { input: { applicationId: id, expectedVersion: version } },
    context: { headers: { "idempotency-key": randomUUID() } },
  };
  const first = await client.mutate(claim);
  assert.deepEqual(first.data.claimApplication.userErrors, []);
  assert.equal(first.extensions.idempotency.replayed, false);
  const again = await client.mutate(claim);
  assert.deepEqual(again.data, first.data);
  assert.equal(again.extensions.idempotency.replayed, true);
});

test("Apollo Client tells by a code that nobody is signed in", async () => {
  const client = connect(url);
  const error = await client.query({ query: Queue, variables: { first: 1 } }).then(assert.fail, (it) => it);
  assert.ok(CombinedGraphQLErrors.is(error), `${error}`);
  assert.equal(error.errors[0].extensions.code, "UNAUTHENTICATED");
});

test("Apollo Client tells by a code that a token is not good", async () => {
  const client = connect(url, "not-a-token");
  const error = await client.query({ query: Queue, variables: { first: 1 } }).then(assert.fail, (it) => it);
  assert.ok(CombinedGraphQLErrors.is(error), `${error}`);
  assert.equal(error.errors[0].extensions.code, "UNAUTHENTICATED");
});

/** A client that sends hashes, and what it sent and got. */
function persisted() {
  const sent = [];
  const client = connectPersisted(url, tokens.specialist, async (address, options) => {
    const response = await fetch(address, options);
    sent.push({ request: JSON.parse(options.body), answer: await response.clone().json() });
    return response;
  });
  return { client, sent };
}

test("Apollo Client sends a document's text once; from then on its hash is enough for everybody", async () => {
  // Its text is new to the service, whatever ran before.
  const query = gql(`query Known${Date.now()} { viewer { id name } }`);

  const first = persisted();
  const { data } = await first.client.query({ query });
  assert.equal(data.viewer.name, "Demo Specialist");
  const [unknown, told] = first.sent;
  assert.equal(unknown.request.query, undefined);
  assert.match(unknown.request.extensions.persistedQuery.sha256Hash, /^[0-9a-f]{64}$/);
  assert.equal(unknown.answer.errors[0].message, "PersistedQueryNotFound");
  assert.equal(unknown.answer.errors[0].extensions.code, "PERSISTED_QUERY_NOT_FOUND");
  assert.equal(typeof told.request.query, "string");
  assert.equal(first.sent.length, 2);

  const second = persisted();
  const again = await second.client.query({ query });
  assert.deepEqual(again.data, data);
  assert.equal(second.sent.length, 1);
  assert.equal(second.sent[0].request.query, undefined);
});
