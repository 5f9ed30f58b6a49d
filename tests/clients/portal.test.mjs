// An applicant's own portal, with fetch and no client library.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  DeskApplicationDocument,
  DeskQueueDocument,
  PortalAnswerDocument,
  PortalCreateDraftDocument,
  PortalMyApplicationDocument,
  PortalMyApplicationsDocument,
  PortalProgramDocument,
  PortalSubmitDocument,
} from "./build/generated/codegen/graphql.js";
import { explain, isWaiting, nextStep } from "./build/src/errors.js";
import { ask } from "./build/src/fetch.js";
import { tokens, url } from "./service.mjs";

const stranger = (document, variables) => ask(url, undefined, document, variables);
const applicant = (document, variables) => ask(url, tokens.applicant, document, variables);
const specialist = (document, variables) => ask(url, tokens.specialist, document, variables);

const answers = {
  first_name: "Ada",
  last_name: "Example",
  email: "ada@orchard.example.org",
  company: "Example Orchard",
  website: "https://orchard.example.org",
  billing_address: "1 Orchard Lane",
  city: "Utrecht",
  postal_code: "3511 AA",
  country: "NL",
  backing: "ACCELERATOR",
  backer: "Example Accelerator",
  funding_usd: 250000,
  profile_url: "https://orchard.example.org/funding",
  paying_customer: false,
  hosting: "SAAS",
  seats: 5,
};

async function draft() {
  const program = await stranger(PortalProgramDocument, { key: "startups" });
  const { data } = await applicant(PortalCreateDraftDocument, {
    programId: program.data.program.id,
    organizationName: "Example Orchard",
  });
  assert.deepEqual(data.createApplication.userErrors, []);
  return data.createApplication.application;
}

test("an applicant begins a draft, answers, hands it in, and sees where it stands", async () => {
  const begun = await draft();
  assert.equal(begun.status, "DRAFT");
  assert.equal(isWaiting(begun.status), false);

  const first = await applicant(PortalAnswerDocument, {
    applicationId: begun.id,
    expectedVersion: begun.version,
    answers,
  });
  assert.deepEqual(first.data.answerApplication.userErrors, []);
  const answered = first.data.answerApplication.application;
  assert.equal(answered.answers.company, "Example Orchard");

  // The agreement is missing: the error names the field.
  const early = await applicant(PortalSubmitDocument, {
    applicationId: begun.id,
    expectedVersion: answered.version,
  });
  assert.equal(early.data.submitApplication.application, null);
  const [missing] = early.data.submitApplication.userErrors;
  assert.equal(missing.__typename, "AnswersError");
  assert.deepEqual(missing.problems.map((it) => it.field), [["agreement"]]);
  assert.equal(nextStep[missing.code], "CORRECT");

  const last = await applicant(PortalAnswerDocument, {
    applicationId: begun.id,
    expectedVersion: answered.version,
    answers: { agreement: true },
  });
  const whole = last.data.answerApplication.application;
  const submitted = await applicant(PortalSubmitDocument, {
    applicationId: begun.id,
    expectedVersion: whole.version,
  });
  assert.deepEqual(submitted.data.submitApplication.userErrors, []);
  assert.equal(submitted.data.submitApplication.application.status, "IN_REVIEW");
  assert.ok(submitted.data.submitApplication.application.promise.dueAt);

  const mine = await applicant(PortalMyApplicationsDocument, {});
  const line = mine.data.applications.nodes.find((it) => it.id === begun.id);
  assert.equal(isWaiting(line.status), true);
  assert.ok(line.availableActions.some((it) => it.action === "WITHDRAW" && it.allowed));
  const page = await applicant(PortalMyApplicationDocument, { id: begun.id });
  assert.deepEqual(page.data.application.messages.nodes.map((it) => it.kind), ["RECEIVED"]);
});

test("a draft that is begun again with the same key is the same draft", async () => {
  const program = await stranger(PortalProgramDocument, { key: "startups" });
  const variables = { programId: program.data.program.id, organizationName: "Example Orchard" };
  const key = randomUUID();
  const begin = (organizationName) =>
    ask(url, tokens.applicant, PortalCreateDraftDocument, { ...variables, organizationName }, key);

  const first = await begin("Example Orchard");
  assert.deepEqual(first.data.createApplication.userErrors, []);
  assert.deepEqual(first.extensions.idempotency, { key, replayed: false });
  const again = await begin("Example Orchard");
  assert.deepEqual(again.data, first.data);
  assert.deepEqual(again.extensions.idempotency, { key, replayed: true });

  const other = await begin("Example Meadow");
  assert.equal(other.status, 422);
  assert.equal(other.errors[0].extensions.code, "IDEMPOTENCY_KEY_REUSED");
});

test("a wrong answer is refused with the field and what would be right", async () => {
  const { id, version } = await draft();
  const { data, errors } = await applicant(PortalAnswerDocument, {
    applicationId: id,
    expectedVersion: version,
    answers: { seats: "five", country: "Netherlands" },
  });
  assert.equal(errors, undefined);
  const [wrong] = data.answerApplication.userErrors;
  assert.equal(wrong.__typename, "AnswersError");
  assert.deepEqual(wrong.problems.map((it) => it.field[0]).sort(), ["country", "seats"]);
  assert.match(explain(wrong), /^country: .+/m);
});

test("an answer to a version that is not the last is refused with the last", async () => {
  const { id, version } = await draft();
  const once = { applicationId: id, expectedVersion: version, answers: { city: "Utrecht" } };
  await applicant(PortalAnswerDocument, once);
  const { data } = await applicant(PortalAnswerDocument, once);
  const [stale] = data.answerApplication.userErrors;
  assert.equal(stale.__typename, "StaleVersionError");
  assert.equal(stale.currentVersion, version + 1);
  assert.equal(explain(stale), `Somebody was faster: version ${version + 1} stands now.`);
});

test("what belongs to others does not exist for an applicant", async () => {
  const queue = await specialist(DeskQueueDocument, {});
  const mine = await applicant(PortalMyApplicationsDocument, {});
  const own = new Set(mine.data.applications.nodes.map((it) => it.id));
  const other = queue.data.applications.nodes.find((it) => !own.has(it.id));
  const { data, errors } = await applicant(DeskApplicationDocument, { id: other.id });
  assert.equal(errors, undefined);
  assert.equal(data.application, null);
});

test("a draft does not exist for the team", async () => {
  const { id } = await draft();
  const { data, errors } = await specialist(DeskApplicationDocument, { id });
  assert.equal(errors, undefined);
  assert.equal(data.application, null);
});

test("who is not signed in is told by a code, and reads the rest", async () => {
  const { data, errors } = await stranger(PortalMyApplicationsDocument, {});
  assert.deepEqual(data, { viewer: null, applications: null });
  assert.deepEqual(errors.map((it) => [it.path, it.extensions.code]), [[["applications"], "UNAUTHENTICATED"]]);
});

test("a document that is not of this schema is refused with a code, a place and no data", async () => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query: "{ programs { colour } }" }),
  });
  const { data, errors } = await response.json();
  assert.equal(response.status, 400);
  assert.equal(data, undefined);
  assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  assert.deepEqual(errors[0].locations, [{ line: 1, column: 14 }]);
});
