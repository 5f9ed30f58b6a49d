// What frontend teams run before their code: generators and the compiler. tests/clients/run runs this
// file first, because the others use what is generated here.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";

const operations = readdirSync("../../schema/operations");

rmSync("generated", { recursive: true, force: true });
rmSync("build", { recursive: true, force: true });
mkdirSync("generated/relay", { recursive: true });

/** The operations of a file, by name. */
function names(file) {
  const text = readFileSync(`../../schema/operations/${file}`, "utf8");
  return [...text.matchAll(/^(?:query|mutation|subscription) (\w+)/gm)].map(([, name]) => name);
}

/** Runs a tool of node_modules; its output is the reason when it fails. */
async function run(tool, ...options) {
  try {
    return (await promisify(execFile)(`node_modules/.bin/${tool}`, options)).stdout;
  } catch (error) {
    assert.fail(`${tool} failed:\n${error.stdout ?? ""}\n${error.stderr ?? error}`);
  }
}

test("GraphQL Code Generator's client preset writes types for every operation in one run", async () => {
  await run("graphql-codegen", "--config", "codegen.ts");
  const types = readFileSync("generated/codegen/graphql.ts", "utf8");
  for (const name of operations.flatMap(names)) assert.match(types, new RegExp(`export const ${name}Document\\b`));
});

test("GraphQL Code Generator lists every document by the SHA-256 of its text", () => {
  const documents = Object.entries(JSON.parse(readFileSync("generated/codegen/persisted-documents.json", "utf8")));
  assert.equal(documents.length, operations.flatMap(names).length);
  for (const [id, text] of documents) assert.equal(id, `sha256:${createHash("sha256").update(text).digest("hex")}`);
});

test("relay-compiler takes pages, refetching by node(id:) and an alias on a concrete type", async () => {
  await run("relay-compiler");
  const made = readdirSync("generated/relay");
  for (const name of ["QueueQuery", "QueuePageQuery", "CardQuery", "CardRefetchQuery"]) {
    assert.ok(made.includes(`${name}.graphql.ts`), `${name} was not made`);
  }
  const refetch = readFileSync("generated/relay/CardRefetchQuery.graphql.ts", "utf8");
  assert.match(refetch, /node\(id: \$id\)/);
});

test("gql.tada reads the schema, and every operation is written for it", async () => {
  await run("gql.tada", "generate-output");
  await promisify(execFile)(process.execPath, ["tada-operations.mjs"]);
  for (const file of operations) {
    const written = readFileSync(`generated/tada/${file.replace(".graphql", ".ts")}`, "utf8");
    for (const name of names(file)) assert.match(written, new RegExp(`export const ${name} = `));
  }
});

// src/errors.ts and src/tada.ts branch over every type, code and status; src/forgotten.ts forgets some.
test("tsc --strict takes what was generated, and refuses a branch that forgets a type, a code or a status", async () => {
  await run("tsc", "--strict");
});
