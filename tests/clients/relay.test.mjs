// What a Relay application does, without React: compiled artifacts in relay-runtime's store.
import assert from "node:assert/strict";
import { test } from "node:test";
import relay from "relay-runtime";
import claim from "./build/generated/relay/CardClaimMutation.graphql.js";
import card from "./build/generated/relay/CardQuery.graphql.js";
import refetch from "./build/generated/relay/CardRefetchQuery.graphql.js";
import cardFragment from "./build/generated/relay/Card_application.graphql.js";
import page from "./build/generated/relay/QueuePageQuery.graphql.js";
import queue from "./build/generated/relay/QueueQuery.graphql.js";
import queueFragment from "./build/generated/relay/Queue_applications.graphql.js";
import { connect } from "./build/src/relay/environment.js";
import { tokens, url } from "./service.mjs";

const specialist = () => connect(url, tokens.specialist);
const read = (environment, query, variables) =>
  relay.fetchQuery(environment, query.default, variables, { fetchPolicy: "network-only" }).toPromise();

/** What a component would be given for the fragment that `reference` spreads. */
const show = (environment, fragment, reference) =>
  environment.lookup(relay.getSingularSelector(fragment.default, reference)).data;

/** An application that nobody works on. */
async function unclaimed(environment) {
  const data = await read(environment, queue, { first: 1 });
  const { node } = show(environment, queueFragment, data).applications.edges[0];
  return { id: node.id, reference: node, ...show(environment, cardFragment, node) };
}

test("Relay puts the next page into the connection that it knows", async () => {
  const environment = specialist();
  const data = await read(environment, queue, { first: 5 });
  const { pageInfo } = show(environment, queueFragment, data).applications;
  assert.equal(pageInfo.hasNextPage, true);
  await read(environment, page, { first: 5, after: pageInfo.endCursor });

  const { edges, totalCount } = show(environment, queueFragment, data).applications;
  const ids = edges.map((it) => it.node.id);
  assert.equal(ids.length, 10);
  assert.equal(new Set(ids).size, 10);
  assert.ok(totalCount >= 10);
});

test("Relay reads an application again by node(id:)", async () => {
  const environment = specialist();
  const { id, version } = await unclaimed(environment);
  const { node } = await read(environment, refetch, { id });
  assert.equal(show(environment, cardFragment, node).version, version);
});

test("Relay's alias is null for an id that is not an application's", async () => {
  const environment = specialist();
  const { id } = await unclaimed(environment);
  const application = await read(environment, card, { id });
  assert.equal(application.node.__typename, "Application");
  assert.equal(show(environment, cardFragment, application.node.application).status, "IN_REVIEW");

  const { viewer } = await (
    await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens.specialist}` },
      body: JSON.stringify({ query: "{ viewer { id } }" }),
    })
  )
    .json()
    .then((answer) => answer.data);
  const account = await read(environment, card, { id: viewer.id });
  assert.equal(account.node.__typename, "Account");
  assert.equal(account.node.application, null);
});

/** Sends a mutation as a component would. */
const commit = (environment, input) =>
  new Promise((resolve, reject) => {
    relay.commitMutation(environment, {
      mutation: claim.default,
      variables: { input },
      onCompleted: (response, errors) => (errors ? reject(errors) : resolve(response)),
      onError: reject,
    });
  });

test("Relay claims an application, and every component that shows it knows", async () => {
  const environment = specialist();
  const { id, version, reference } = await unclaimed(environment);
  const { claimApplication } = await commit(environment, { applicationId: id, expectedVersion: version });
  assert.deepEqual(claimApplication.userErrors, []);
  const shown = show(environment, cardFragment, reference);
  assert.equal(shown.version, version + 1);
  assert.equal(shown.assignee.name, "Demo Specialist");
});

test("Relay reads a stale version as data, with the version that stands", async () => {
  const environment = specialist();
  const { id, version } = await unclaimed(environment);
  const { claimApplication } = await commit(environment, { applicationId: id, expectedVersion: version - 1 });
  assert.equal(claimApplication.application, null);
  const [stale] = claimApplication.userErrors;
  assert.equal(stale.__typename, "StaleVersionError");
  assert.equal(stale.currentVersion, version);
});
