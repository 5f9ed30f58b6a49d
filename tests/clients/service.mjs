// The running service and its tokens, as tests/clients/run hands them on.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const { STOA_BINARY: binary, STOA_READY_FILE: ready } = process.env;
if (!ready || !binary) throw new Error("STOA_READY_FILE is not set: start these tests with tests/clients/run.");

/** What a service tells once it is ready. */
function told(file) {
  const { url: origin, tokens } = JSON.parse(readFileSync(file, "utf8"));
  return { url: `${origin}/graphql`, tokens };
}

export const { url, tokens } = told(ready);

/** Another service with settings of its own and no applications; whoever starts it stops it. */
export async function startAnother(settings) {
  const dir = mkdtempSync(join(tmpdir(), "stoa-clients-other."));
  const file = join(dir, "ready.json");
  writeFileSync(join(dir, "none.jsonl"), "");
  const paths = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, join(import.meta.dirname, value)]),
  );
  const options = ["--listen=127.0.0.1:0", `--ready-file=${file}`, `--data=${join(dir, "none.jsonl")}`];
  options.push(`--token-key-file=${join(dir, "stoa.key")}`, `--database-url=sqlite://${join(dir, "stoa.db")}?mode=rwc`);
  const server = spawn(binary, ["demo", ...options], {
    cwd: join(import.meta.dirname, "../.."),
    env: { ...process.env, ...paths, TMPDIR: dir },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(server, "exit");
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 600 && server.exitCode === null; tries += 1) {
    try {
      return { ...told(file), stop };
    } catch {
      await setTimeout(200);
    }
  }
  await stop();
  throw new Error("The other service was not ready.");
}
