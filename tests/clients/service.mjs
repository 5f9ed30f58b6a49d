// The running services and their tokens, as tests/clients/run hands them on.
import { readFileSync } from "node:fs";

function read(variable) {
  const file = process.env[variable];
  if (!file) throw new Error(`${variable} is not set: start these tests with tests/clients/run.`);
  const { url: origin, tokens } = JSON.parse(readFileSync(file, "utf8"));
  return { url: `${origin}/graphql`, tokens };
}

export const { url, tokens } = read("STOA_READY_FILE");

/** Another service, without applications, that runs only the documents that the code generator listed. */
export const strict = read("STOA_STRICT_READY_FILE");
