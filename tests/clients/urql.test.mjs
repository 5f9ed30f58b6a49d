import { cacheExchange, Client, fetchExchange } from "@urql/core";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DeskApplicationDocument,
  DeskAssignDocument,
  DeskClaimDocument,
  DeskFollowDocument,
  DeskGiveBackDocument,
  DeskQueueDocument,
  DeskQueueFollowDocument,
  DeskReleaseDocument,
  PortalProgramsDocument,
} from "./build/generated/codegen/graphql.js";
import { connect } from "./build/src/urql.js";
import { tokens, url } from "./service.mjs";

const specialist = () => connect(url, tokens.specialist);

/** An application that nobody works on. */
async function unclaimed(client) {
  const { data } = await client.query(DeskQueueDocument, { statuses: ["IN_REVIEW"], unassigned: true });
  return data.applications.nodes[0];
}

test("urql reads the programs with nothing but the address", async () => {
  let type;
  const client = new Client({
    url,
    exchanges: [cacheExchange, fetchExchange],
    fetch: async (address, options) => {
      const response = await fetch(address, options);
      type = response.headers.get("content-type");
      return response;
    },
  });
  const { data, error } = await client.query(PortalProgramsDocument, {});
  assert.equal(error, undefined);
  assert.ok(data.programs.some((it) => it.key === "open-source"));
  // urql also accepts event streams: one answer is not sent as one.
  assert.match(type, /^application\/graphql-response\+json\b/);
});

test("urql reads the queue page by page, each application once", async () => {
  const client = specialist();
  const seen = new Set();
  let after = null;
  let total;
  for (let page = 1; ; page += 1) {
    const { data, error } = await client.query(DeskQueueDocument, { after });
    assert.equal(error, undefined);
    const { nodes, pageInfo, totalCount } = data.applications;
    for (const { id } of nodes) seen.add(id);
    total = totalCount;
    if (!pageInfo.hasNextPage) {
      assert.ok(page > 1, "one page is no proof");
      break;
    }
    after = pageInfo.endCursor;
  }
  assert.equal(seen.size, total);
});

test("urql reads one application with all that the desk shows", async () => {
  const client = specialist();
  const { id } = await unclaimed(client);
  const { data, error } = await client.query(DeskApplicationDocument, { id });
  assert.equal(error, undefined);
  const { application } = data;
  assert.equal(application.id, id);
  assert.equal(typeof application.answers, "object");
  assert.ok(application.evaluation.findings.length > 0);
  assert.ok(application.availableActions.some((it) => it.action === "CLAIM" && it.allowed));
  assert.ok(application.activities.nodes.length > 0);
});

test("urql claims an application, and reads what it had cached of it again", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const before = await client.query(DeskApplicationDocument, { id });
  assert.equal(before.data.application.assignee, null);

  const { data, error } = await client.mutation(DeskClaimDocument, { applicationId: id, expectedVersion: version });
  assert.equal(error, undefined);
  assert.deepEqual(data.claimApplication.userErrors, []);
  assert.equal(data.claimApplication.application.version, version + 1);

  const after = await client.query(DeskApplicationDocument, { id });
  assert.equal(after.data.application.assignee.name, "Demo Specialist");
});

test("urql reads a stale version as data, with the version that stands", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const { data, error } = await client.mutation(DeskClaimDocument, { applicationId: id, expectedVersion: version - 1 });
  assert.equal(error, undefined);
  assert.equal(data.claimApplication.application, null);
  const [stale] = data.claimApplication.userErrors;
  assert.equal(stale.__typename, "StaleVersionError");
  assert.equal(stale.code, "STALE_VERSION");
  assert.equal(stale.currentVersion, version);
});

test("urql reads a refusal as data, in words", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const { data, error } = await client.mutation(DeskReleaseDocument, { applicationId: id, expectedVersion: version });
  assert.equal(error, undefined);
  const [refusal] = data.releaseApplication.userErrors;
  assert.equal(refusal.__typename, "WrongStateError");
  assert.equal(refusal.code, "WRONG_STATE");
  assert.ok(refusal.message.length > 0);
});

/** Follows a subscription: `next` waits for an event, `stop` ends it. */
function follow(client, document, variables) {
  const heard = [];
  let notice;
  const { unsubscribe } = client.subscription(document, variables).subscribe((event) => {
    heard.push(event);
    notice?.();
  });
  const next = async () => {
    if (heard.length === 0) await new Promise((resolve) => (notice = resolve));
    const { data, error } = heard.shift();
    assert.equal(error, undefined);
    return data;
  };
  return { next, stop: unsubscribe };
}

test("urql follows an application over server-sent events, and goes on after the last one heard", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const first = follow(client, DeskFollowDocument, { id });
  let begin;
  let told;
  try {
    begin = (await first.next()).applicationChanged;
    assert.equal(begin.application.version, version);
    await client.mutation(DeskClaimDocument, { applicationId: id, expectedVersion: version });
    told = (await first.next()).applicationChanged;
    assert.equal(told.application.version, version + 1);
    assert.equal(told.application.assignee.name, "Demo Specialist");
    assert.equal(told.activity.verb, "CLAIMED");
  } finally {
    first.stop();
  }

  const again = follow(client, DeskFollowDocument, { id, after: begin.cursor });
  try {
    const missed = (await again.next()).applicationChanged;
    assert.equal(missed.cursor, told.cursor);
    assert.equal(missed.activity.verb, "CLAIMED");
  } finally {
    again.stop();
  }
});

test("urql follows the queue, and is told what belongs to it no longer", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const queue = follow(client, DeskQueueFollowDocument, { filter: { statuses: ["IN_REVIEW"], unassigned: true } });
  try {
    const begin = (await queue.next()).applicationsChanged;
    assert.equal(begin.application, null);
    await client.mutation(DeskClaimDocument, { applicationId: id, expectedVersion: version });
    const { application, matches } = (await queue.next()).applicationsChanged;
    assert.equal(application.id, id);
    assert.equal(matches, false);
  } finally {
    queue.stop();
  }
});

test("urql gives an application to a person of the team, and back to the queue", async () => {
  const { id, version } = await unclaimed(specialist());
  const viewer = await specialist().query("{ viewer { id } }", {});
  const assign = { applicationId: id, expectedVersion: version, assigneeId: viewer.data.viewer.id };
  const refused = await specialist().mutation(DeskAssignDocument, assign);
  assert.deepEqual(refused.data.assignApplication.userErrors.map((it) => it.__typename), ["NotPermittedError"]);

  const manager = connect(url, tokens.program_manager);
  const assigned = await manager.mutation(DeskAssignDocument, assign);
  assert.deepEqual(assigned.data.assignApplication.userErrors, []);
  const { application } = assigned.data.assignApplication;
  assert.equal(application.assignee.name, "Demo Specialist");

  const giveBack = { applicationId: id, expectedVersion: application.version };
  const back = await specialist().mutation(DeskGiveBackDocument, giveBack);
  assert.deepEqual(back.data.unassignApplication.userErrors, []);
  assert.equal(back.data.unassignApplication.application.assignee, null);
});

test("urql reads by GET when it is told to, and the answer says what it cost", async () => {
  let sent;
  const client = new Client({
    url,
    exchanges: [fetchExchange],
    preferGetMethod: "force",
    fetch: async (address, options) => {
      sent = options;
      return fetch(address, options);
    },
  });
  const { data, error, extensions } = await client.query(PortalProgramsDocument, {});
  assert.equal(error, undefined);
  assert.ok(data.programs.length > 0);
  assert.equal(sent.method, "GET");
  assert.ok(extensions.cost.requested <= extensions.cost.maximum);
});

test("urql tells by a code that nobody is signed in", async () => {
  const { data, error } = await connect(url).query(DeskQueueDocument, {});
  assert.equal(error.graphQLErrors[0].extensions.code, "UNAUTHENTICATED");
  assert.equal(data.applications, null);
});

test("urql tells by a code that a token is not good", async () => {
  const { error } = await connect(url, "not-a-token").query(DeskQueueDocument, {});
  assert.equal(error.response.status, 401);
  assert.match(error.response.headers.get("content-type"), /^application\/graphql-response\+json\b/);
  assert.equal(error.graphQLErrors[0].extensions.code, "UNAUTHENTICATED");
});
