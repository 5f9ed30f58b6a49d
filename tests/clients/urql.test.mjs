import { cacheExchange, Client, fetchExchange } from "@urql/core";
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskApplicationDocument, DeskFollowDocument } from "./build/generated/codegen/desk-application/graphql.js";
import { DeskQueueDocument } from "./build/generated/codegen/desk-queue/graphql.js";
import { DeskClaimDocument, DeskReleaseDocument } from "./build/generated/codegen/desk-review/graphql.js";
import { PortalProgramsDocument } from "./build/generated/codegen/portal-programs/graphql.js";
import { connect } from "./build/src/urql.js";
import { tokens, url } from "./service.mjs";

const specialist = () => connect(url, tokens.specialist);

/** An application that nobody works on. */
async function unclaimed(client) {
  const { data } = await client.query(DeskQueueDocument, { statuses: ["IN_REVIEW"], unassigned: true });
  return data.applications.nodes[0];
}

test("urql reads the programs with nothing but the address", async () => {
  const client = new Client({ url, exchanges: [cacheExchange, fetchExchange] });
  const { data, error } = await client.query(PortalProgramsDocument, {});
  assert.equal(error, undefined);
  assert.ok(data.programs.some((it) => it.key === "open-source"));
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
  assert.equal(refusal.__typename, "PlainError");
  assert.equal(refusal.code, "WRONG_STATE");
  assert.ok(refusal.message.length > 0);
});

test("urql follows an application over server-sent events", async () => {
  const client = specialist();
  const { id, version } = await unclaimed(client);
  const heard = [];
  let notice;
  const next = () => new Promise((resolve) => (heard.length > 0 ? resolve() : (notice = resolve)));
  const { unsubscribe } = client.subscription(DeskFollowDocument, { id }).subscribe((event) => {
    heard.push(event);
    notice?.();
  });
  try {
    await next();
    assert.equal(heard[0].error, undefined);
    assert.equal(heard.shift().data.applicationChanged.version, version);
    await client.mutation(DeskClaimDocument, { applicationId: id, expectedVersion: version });
    await next();
    const { version: told, assignee } = heard.shift().data.applicationChanged;
    assert.equal(told, version + 1);
    assert.equal(assignee.name, "Demo Specialist");
  } finally {
    unsubscribe();
  }
});

test("urql tells by a code that nobody is signed in", async () => {
  const { data, error } = await connect(url).query(DeskQueueDocument, {});
  assert.equal(error.graphQLErrors[0].extensions.code, "UNAUTHENTICATED");
  assert.equal(data.applications, null);
});

test("urql tells by a code that a token is not good", async () => {
  const { error } = await connect(url, "not-a-token").query(DeskQueueDocument, {});
  assert.equal(error.response.status, 401);
  assert.equal(error.graphQLErrors[0].extensions.code, "UNAUTHENTICATED");
});
