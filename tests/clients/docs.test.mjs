import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("every example of docs/clients.md stands in the tested file that it names", () => {
  const text = readFileSync("../../docs/clients.md", "utf8");
  const examples = [...text.matchAll(/^```\w+\n\/\/ (tests\/clients\/\S+)\n(.*?)^```$/gms)];
  assert.ok(examples.length > 0);
  for (const [, file, example] of examples) {
    assert.ok(readFileSync(`../../${file}`, "utf8").includes(example), `not in ${file}:\n${example}`);
  }
});
