/** Everything that the write path needs of this machine, so that whoever starts the program only says which server and which folder. */
import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { clean } from "../data/mesh/clean.ts";
import { explain } from "../data/mesh/result.ts";
import type { Instant } from "../data/mesh/units.ts";
import type { Request } from "./answers.ts";
import { clusterOf } from "./cluster.ts";
import { explainPending, pendingEntries, placeOf } from "./explain.ts";
import { elsewhere } from "./identity.ts";
import { openJournal } from "./journal.ts";
import type { Origin } from "./journalEntry.ts";
import { leftoversOf } from "./leftovers.ts";
import type { Ports } from "./run.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface WritePathOptions {
  /** Of the context's user, as data/kubernetes makes it. */
  readonly request: Request;
  /** Where the journal lies: that of `stateDirectory`. */
  readonly directory: string;
  /** What a `Connection` of data/kubernetes says of itself; `host` is `host:port` of the API server. */
  readonly connection: { readonly context: string; readonly user: string; readonly host: string };
  readonly env: Environment;
  readonly now: () => Instant;
  readonly sleep: (ms: number) => Promise<void>;
  /** Names of entries; random ones by default. */
  readonly newId?: () => string;
}

/** Ports for `propose`, `apply` and the commands. Opens no file and asks nothing yet. */
export function openWritePath({ request, directory, connection, env, ...rest }: WritePathOptions): Ports {
  const { now, sleep, newId = randomId } = rest;
  return {
    cluster: clusterOf(request, now),
    journal: openJournal(directory, connection.context),
    clock: { now, sleep },
    origin: originOf(connection, env),
    newId,
  };
}

function originOf({ context, user, host }: WritePathOptions["connection"], env: Environment): Origin {
  return {
    user: systemUser(env),
    ssh: env["SSH_CONNECTION"] ?? null,
    machine: hostname(),
    pid: process.pid,
    kubeUser: user,
    context,
    server: host,
  };
}

/** In a container, a user often has a number and no name. */
function systemUser(env: Environment): string {
  try {
    return userInfo().username;
  } catch {
    return env["USER"] ?? env["LOGNAME"] ?? `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** Crockford's letters: none that is read for another one. */
const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_LENGTH = 8;

/** 40 bits: short enough to type, and among ten thousand entries two are the same once in twenty thousand journals. */
function randomId(): string {
  return [...randomBytes(ID_LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** Does a process of this machine run? One of another user does, too. */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * At the start of the program: what became of changes whose writer was killed or lost its connection, found out by reading and noted in the journal, one sentence for
 * each that is news; and what was left behind (`leftoversOf`), as long as it stands. Empty where there is nothing to tell. A journal that can't be read is told, too.
 *
 * @param isAlive `processRuns`. A process of our own number is none of ours: this one has only started, and containers give out the same numbers again.
 */
export async function explainAtStart(
  ports: Pick<Ports, "cluster" | "journal" | "clock" | "origin">,
  isAlive: (pid: number) => boolean = processRuns,
): Promise<readonly string[]> {
  const state = await ports.journal.read();
  if (!state.ok) return [explain(state.error)];
  const others = (pid: number): boolean => pid !== ports.origin.pid && isAlive(pid);
  const { entries } = state.value;
  if (entries.length === 0) return [];
  const explained = await explainPending(pendingEntries(entries, ports, others), ports);
  const news = explained
    .filter(({ entry, ended }) => ended.is !== "unknown" || entry.ended?.explained !== true)
    .map(({ ended }) => ended.message);
  const place = await placeOf(ports);
  const ours = entries.filter(({ intent }) => elsewhere(intent, place) === null);
  return [...news, ...(await leftoversOf(ours, ports.cluster))].map(clean);
}
