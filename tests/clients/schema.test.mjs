// The contract in the eyes of tools that know only the specification.
import { diff, validate as inspect } from "@graphql-inspector/core";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  parse,
  Source,
  validate,
  validateSchema,
} from "graphql";
import { tokens, url } from "./service.mjs";

const schema = buildSchema(readFileSync("../../schema/schema.graphql", "utf8"));
const sources = readdirSync("../../schema/operations").map(
  (file) => new Source(readFileSync(`../../schema/operations/${file}`, "utf8"), file),
);

test("graphql-js finds nothing wrong with the schema", () => {
  assert.deepEqual(validateSchema(schema), []);
});

test("graphql-js finds nothing wrong with any operation", () => {
  for (const source of sources) {
    const problems = validate(schema, parse(source)).map((it) => `${source.name}: ${it.message}`);
    assert.deepEqual(problems, []);
  }
});

test("GraphQL Inspector finds no operation that uses what is deprecated", () => {
  assert.deepEqual(inspect(schema, sources), []);
});

test("the schema that the service tells is the committed one", async () => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens.specialist}` },
    body: JSON.stringify({ query: getIntrospectionQuery({ inputValueDeprecation: true }) }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  const changes = await diff(schema, buildClientSchema(data));
  assert.deepEqual(changes.map((it) => it.message), []);
});
