import type { CodegenConfig } from "@graphql-codegen/cli";
import { readdirSync } from "node:fs";

const schema = "../../schema/schema.graphql";
const operations = "../../schema/operations";

// A timestamp and a date travel as text; JSON is whatever the form says.
const config = {
  scalars: { DateTime: "string", NaiveDate: "string", JSON: "unknown" },
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
};

// Each file of operations stands for itself, with fragments of its own: one output for each.
const outputs: CodegenConfig["generates"] = Object.fromEntries(
  readdirSync(operations).map((file) => [
    `generated/codegen/${file.replace(".graphql", "")}/`,
    {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // Also writes persisted-documents.json: each document by its hash.
        persistedDocuments: { hashAlgorithm: "sha256" },
      },
      documents: `${operations}/${file}`,
      config,
    },
  ]),
);

const codegen: CodegenConfig = {
  schema,
  generates: {
    ...outputs,
    // Which types an interface stands for: Apollo Client's cache needs to know.
    "generated/possible-types.ts": {
      plugins: ["fragment-matcher"],
      config: { apolloClientVersion: 3, useExplicitTyping: true },
    },
  },
};

export default codegen;
