/** The write path on a server of a test: ports with a journal of its own, and ways to get between two of its requests. */
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Request } from "../../src/actions/answers.ts";
import type { WantedChange } from "../../src/actions/change.ts";
import { clusterOf } from "../../src/actions/cluster.ts";
import { openJournal } from "../../src/actions/journal.ts";
import { undoable, redoable, type Entry, type Origin } from "../../src/actions/journalEntry.ts";
import type { Outcome, Proposal } from "../../src/actions/proposal.ts";
import { propose } from "../../src/actions/propose.ts";
import { apply, type Ports } from "../../src/actions/run.ts";
import { proposeUndo } from "../../src/actions/undo.ts";
import { connect } from "../../src/data/kubernetes/connect.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { fail, type DataError } from "../../src/data/mesh/result.ts";
import { instant } from "../../src/data/mesh/units.ts";

export const origin: Origin = {
  user: "tester",
  ssh: null,
  machine: hostname(),
  pid: process.pid,
  kubeUser: "admin",
  context: "test",
  server: "127.0.0.1",
};

export const cut: DataError = { kind: "unreachable", message: "The connection was cut.", advice: null };

/** Called with each request before it is sent; what it returns stands in for the server's answer. */
export type Between = (
  path: string,
  method: string,
  send: () => ReturnType<Request>,
  body: string,
) => ReturnType<Request> | Promise<void> | undefined;

/** A request function of the program itself, on a server's kubeconfig. */
export async function requestTo(kubeconfig: string, between: Between = () => undefined): Promise<Request> {
  const connection = await connect({ kubeconfig: { text: kubeconfig }, context: null });
  if (!connection.ok) throw new Error(connection.error.message);
  return async (path, init = {}) => {
    const send = () => connection.value.request(path, init);
    return (await between(path, init.method ?? "GET", send, init.body ?? "")) ?? send();
  };
}

let entries = 0;

export function portsOn(request: Request, directory: string): Ports {
  return {
    cluster: clusterOf(request, () => instant(Date.now())),
    journal: openJournal(directory, "test"),
    // Waiting for a lost request is real time only where a test says so.
    clock: { now: () => instant(Date.now()), sleep: () => Promise.resolve() },
    origin,
    newId: () => `e${(entries += 1)}`,
  };
}

/** A folder that is gone after `run`. */
export async function inFolder<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "meshtop-actions-"));
  try {
    return await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A proposal that nothing stands against. */
export async function proposed(change: WantedChange, mesh: Mesh, ports: Ports): Promise<Proposal> {
  const proposal = await propose(change, mesh, ports.cluster);
  if (!proposal.ok) throw new Error(proposal.error.message);
  expect(proposal.value.plan.blockers).toEqual([]);
  expect(proposal.value.rehearsal?.refusal ?? null).toBeNull();
  return proposal.value;
}

export async function carriedOut(change: WantedChange, mesh: Mesh, ports: Ports): Promise<Outcome> {
  const proposal = await proposed(change, mesh, ports);
  return apply(proposal, ports);
}

export async function entriesIn({ journal }: Ports): Promise<readonly Entry[]> {
  const state = await journal.read();
  if (!state.ok) throw new Error(state.error.message);
  return state.value.entries;
}

/** Undo, or redo, of what a person would mean by "the last one". */
export async function turned(ports: Ports, which: "undo" | "redo"): Promise<Outcome> {
  const all = await entriesIn(ports);
  const entry = which === "undo" ? undoable(all) : redoable(all);
  if (entry === null) throw new Error(`nothing to ${which}`);
  const proposal = await proposeUndo(entry, ports);
  if (!proposal.ok) throw new Error(proposal.error.message);
  return apply(proposal.value, ports);
}

/** The server does it, and its answer gets lost. */
export const answerLost: Between = async (_path, method, send) => {
  if (method === "GET") return send();
  await send();
  return fail(cut);
};
