// The client that frontends use, unchanged, against a service that the suite has started. Its address,
// tokens and an application in review come as JSON on the standard input.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const setting = JSON.parse(readFileSync(0, "utf8"));
const { url, application } = setting;

const FOLLOW = `subscription ($id: ID!, $after: String) {
  applicationChanged(applicationId: $id, after: $after) {
    cursor
    application { version status }
  }
}`;
const QUEUE = `subscription { applicationsChanged { cursor matches application { id } } }`;
const COMMAND = (verb) => `mutation ($input: ApplicationCommandInput!) {
  result: ${verb}(input: $input) { application { id version status } userErrors { code } }
}`;
const HOLD = `mutation ($input: HoldApplicationInput!) {
  result: holdApplication(input: $input) { application { id version status } userErrors { code } }
}`;

function client(token, options = {}) {
  return createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: token && { Authorization: `Bearer ${token}` },
    retryAttempts: 0,
    ...options,
  });
}

async function answer(of, query, variables) {
  for await (const result of of.iterate({ query, variables })) return result;
}

async function event(stream) {
  const { value, done } = await stream.next();
  assert.equal(done, false);
  assert.equal(value.errors, undefined, JSON.stringify(value.errors));
  return Object.values(value.data)[0];
}

async function command(of, query, seen, further = {}) {
  const input = { applicationId: seen.id, expectedVersion: seen.version, ...further };
  const { result } = (await answer(of, query, { input })).data;
  assert.deepEqual(result.userErrors, []);
  return result.application;
}

const tests = {
  async "a query is answered"() {
    const known = client(setting.specialist);
    const { data } = await answer(known, "{ viewer { name } }");
    assert.deepEqual(data, { viewer: { name: "specialist" } });
    await known.dispose();
  },

  async "a stranger is let in and sees what strangers see"() {
    const stranger = client();
    const { data } = await answer(stranger, "{ viewer { name } }");
    assert.deepEqual(data, { viewer: null });
    await stranger.dispose();
  },

  async "a refused operation is an array of errors, and the socket lives on"() {
    const known = client(setting.specialist);
    await assert.rejects(answer(known, "{ nothing }"), (errors) => {
      assert.ok(Array.isArray(errors) && errors[0].message.includes("nothing"));
      return true;
    });
    assert.ok((await answer(known, "{ viewer { name } }")).data);
    await known.dispose();
  },

  async "a bad token closes the socket with 4403, after which clients fetch another"() {
    let tries = 0;
    const renewing = client(undefined, {
      connectionParams: () => ({ Authorization: `Bearer ${tries++ ? setting.specialist : "old"}` }),
      retryAttempts: 2,
      retryWait: async () => {},
    });
    const codes = [];
    renewing.on("closed", (close) => codes.push(close.code));
    const { data } = await answer(renewing, "{ viewer { name } }");
    assert.equal(data.viewer.name, "specialist");
    assert.equal(codes[0], 4403);
    await renewing.dispose();
  },

  async "changes are followed, and after a lost connection nothing is missed"() {
    const known = client(setting.specialist);
    const stream = known.iterate({ query: FOLLOW, variables: { id: application.id } });
    let told = await event(stream);
    assert.equal(told.application.status, "IN_REVIEW");
    const claimed = await command(known, COMMAND("claimApplication"), application);
    told = await event(stream);
    assert.equal(told.application.version, claimed.version);
    // The connection breaks. While it is gone, two things happen.
    const lost = assert.rejects(stream.next());
    known.terminate();
    await lost;
    const other = client(setting.specialist);
    const note = { cause: "COMPLIANCE", note: "A name was flagged." };
    const held = await command(other, HOLD, claimed, note);
    const released = await command(other, COMMAND("releaseApplication"), held);
    const again = known.iterate({
      query: FOLLOW,
      variables: { id: application.id, after: told.cursor },
    });
    for (let missed = 0; missed < 2; missed += 1) {
      told = await event(again);
      assert.equal(told.application.version, released.version);
    }
    Object.assign(application, released);
    await Promise.all([known.dispose(), other.dispose()]);
  },

  async "several subscriptions share a socket, and one that is given up ends alone"() {
    const known = client(setting.specialist, { keepAlive: 20 });
    const pongs = [];
    known.on("pong", () => pongs.push(1));
    const queue = known.iterate({ query: QUEUE });
    assert.equal((await event(queue)).application, null);
    const one = known.iterate({ query: FOLLOW, variables: { id: application.id } });
    await event(one);
    await one.return();
    const held = await command(known, HOLD, application, {
      cause: "COMPLIANCE",
      note: "A name was flagged.",
    });
    assert.equal((await event(queue)).application.id, held.id);
    while (pongs.length < 2) await new Promise((wait) => setTimeout(wait, 10));
    await known.dispose();
  },

  async "an applicant follows what is theirs and is not told of holds"() {
    const theirs = client(setting.applicant);
    const stream = theirs.iterate({ query: FOLLOW, variables: { id: application.id } });
    assert.equal((await event(stream)).application.status, "IN_REVIEW");
    await theirs.dispose();
  },
};

for (const [name, test] of Object.entries(tests)) {
  await test();
  console.log(`ok: ${name}`);
}
console.log(`${Object.keys(tests).length} passed`);
