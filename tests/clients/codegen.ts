import type { CodegenConfig } from "@graphql-codegen/cli";

const codegen: CodegenConfig = {
  schema: "../../schema/schema.graphql",
  generates: {
    "generated/codegen/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // Also writes persisted-documents.json: each document by its hash.
        persistedDocuments: { hashAlgorithm: "sha256" },
      },
      documents: "../../schema/operations/*.graphql",
      config: {
        // A timestamp and a date travel as text; JSON is whatever the form says.
        scalars: { DateTime: "string", Date: "string", JSON: "unknown" },
        strictScalars: true,
        enumsAsTypes: true,
        useTypeImports: true,
      },
    },
    // Which types an interface stands for: Apollo Client's cache needs to know.
    "generated/possible-types.ts": {
      plugins: ["fragment-matcher"],
      config: { apolloClientVersion: 3, useExplicitTyping: true },
    },
  },
};

export default codegen;
