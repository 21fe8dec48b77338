/** Real servers as child processes of a test, from the folder that envtest calls KUBEBUILDER_ASSETS. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = resolve(import.meta.dirname, "../..");

/** What a real server can't do without. */
interface Needs {
  /** Programs in KUBEBUILDER_ASSETS. */
  readonly programs: readonly string[];
  readonly folders: readonly string[];
}

const assets = (): string => process.env["KUBEBUILDER_ASSETS"] ?? "";

function absence({ programs, folders }: Needs): string | null {
  if (assets() === "") return "KUBEBUILDER_ASSETS is not set";
  const program = programs.find((name) => !existsSync(join(assets(), name)));
  if (program !== undefined) return `KUBEBUILDER_ASSETS has no ${program}`;
  const folder = folders.find((path) => !existsSync(path));
  return folder === undefined ? null : `there is no ${relative(root, folder)}`;
}

/**
 * Why tests on a real server can't run here, or `null` where they can. Throws the reason instead where
 * MESHTOP_REQUIRE_REAL_SERVERS is 1: then a test that does not run is a test that fails.
 */
export function serverAbsent(needs: Needs): string | null {
  const reason = absence(needs);
  if (reason !== null && process.env["MESHTOP_REQUIRE_REAL_SERVERS"] === "1") {
    throw new Error(`MESHTOP_REQUIRE_REAL_SERVERS is 1, but ${reason}.`);
  }
  return reason;
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

interface ChildServer {
  /** Kills it. */
  stop(): Promise<void>;
}

/**
 * Runs a program of KUBEBUILDER_ASSETS that dies with this process whatever way that one ends: a shell holds the other end of a
 * pipe and kills when the pipe closes, which even SIGKILL to us does.
 *
 * @param log path of the file that its output goes to.
 */
export function run(program: string, args: readonly string[], log: string): ChildServer {
  const output = openSync(log, "a");
  const script = '"$@" </dev/null & child=$!; cat >/dev/null; kill -9 $child; wait $child';
  const command = ["-c", script, "sh", join(assets(), program), ...args];
  const shell = spawn("sh", command, { stdio: ["pipe", output, output] });
  closeSync(output);
  const ended = new Promise<void>((done) => shell.once("close", () => done()));
  return {
    stop: async () => {
      shell.stdin?.end();
      await ended;
    },
  };
}

/** Polls until the condition holds. Rejects after `seconds` with the end of the log and why the last poll failed, if it threw. */
export async function until(
  what: string,
  log: string,
  seconds: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let cause: unknown;
  const poll = async (): Promise<boolean> => {
    cause = undefined;
    return holds().catch((error: unknown) => {
      cause = error;
      return false;
    });
  };
  while (!(await poll())) {
    if (Date.now() > deadline) {
      const end = readFileSync(log, "utf8").slice(-2000);
      throw new Error(`${what} did not happen in ${seconds} s:\n${end}`, { cause });
    }
    await sleep(50);
  }
}
