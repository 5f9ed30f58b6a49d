// The running service and its tokens, as tests/clients/run hands them on.
import { readFileSync } from "node:fs";

const ready = process.env.STOA_READY_FILE;
if (!ready) throw new Error("STOA_READY_FILE is not set: start these tests with tests/clients/run.");

const { url: origin, tokens } = JSON.parse(readFileSync(ready, "utf8"));

export const url = `${origin}/graphql`;
export { tokens };
