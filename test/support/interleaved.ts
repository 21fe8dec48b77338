/**
 * One change, its undo, its redo and its undo on a server where somebody else may write before any of our requests, and any answer may be lost; and a judge who looks at
 * the objects before and after each of our writes.
 */
import { expect } from "vitest";
import { undoOf, type WantedChange } from "../../src/actions/change.ts";
import { isJsonObject, valueAt } from "../../src/actions/changes/pointer.ts";
import { withEdits } from "../../src/actions/changes/rebase.ts";
import type { Entry } from "../../src/actions/journalEntry.ts";
import { explainAtStart } from "../../src/actions/openWritePath.ts";
import type { Outcome } from "../../src/actions/proposal.ts";
import { propose } from "../../src/actions/propose.ts";
import { apply, type Ports } from "../../src/actions/run.ts";
import { entryFor } from "../../src/actions/turn.ts";
import { proposeUndo } from "../../src/actions/undo.ts";
import type { Json } from "../../src/data/mesh/json.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { fail } from "../../src/data/mesh/result.ts";
import type { KubeWorld } from "./kubeWorlds.ts";
import { contentOf } from "./shopObjects.ts";
import { cut, entriesIn, portsOn, requestTo } from "./writePath.ts";

type World = Pick<KubeWorld, "fetch" | "kubeconfig">;

export interface Scene {
  readonly mesh: Mesh;
  readonly change: WantedChange;
  /** Everything that the change may write, by path. */
  readonly paths: readonly string[];
  /** The objects as they are in the beginning. */
  readonly fill: (world: World) => Promise<void>;
  /** What somebody else does. */
  readonly others: Readonly<Record<string, (world: World) => Promise<unknown>>>;
}

export interface Step {
  readonly other: string;
  readonly fate: "arrives" | "lost before" | "lost after";
}

/** What one of our writes did to one object; 404: it is not there. */
interface Written {
  readonly path: string;
  readonly method: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** @param met counts how changes and turns ended. */
export async function interleave(
  scene: Scene,
  world: World,
  {
    steps,
    folder,
    met,
  }: { readonly steps: readonly Step[]; readonly folder: string; readonly met: Map<string, number> },
): Promise<void> {
  await scene.fill(world);
  let at = -1;
  const written: Written[] = [];
  const sent = async <T>(path: string, method: string, send: () => Promise<T>): Promise<T> => {
    if (method === "GET" || path.includes("selfsubject") || path.includes("dryRun=All")) return send();
    const before = await Promise.all(scene.paths.map((one) => contentOf(world, one)));
    const answer = await send();
    const after = await Promise.all(scene.paths.map((one) => contentOf(world, one)));
    scene.paths.forEach((one, i) => {
      if (!isSame(before[i], after[i]))
        written.push({ path: one, method, before: before[i], after: after[i] });
    });
    return answer;
  };
  let lostDeletes = 0;
  const request = await requestTo(world.kubeconfig, async (path, method, send) => {
    const { other = "nothing", fate = "arrives" } = steps[at] ?? {};
    // Before the first question there is nothing to lose.
    if (at < 0) return sent(path, method, send);
    at += 1;
    await scene.others[other]?.(world);
    if (path.includes("selfsubject") || fate === "arrives") return sent(path, method, send);
    if (method === "DELETE") lostDeletes += 1;
    if (fate === "lost before") return fail(cut);
    await sent(path, method, send);
    return fail(cut);
  });
  const ports = portsOn(request, folder);
  const told = async (run: () => Promise<Outcome>): Promise<void> => {
    const before = written.length;
    const outcome = await run();
    met.set(outcome.is, (met.get(outcome.is) ?? 0) + 1);
    countsWhatWasWritten(outcome, written.length - before, lostDeletes);
    lostDeletes = 0;
  };
  const proposal = await propose(scene.change, scene.mesh, ports.cluster);
  at = 0;
  if (!proposal.ok || proposal.value.rehearsal?.refusal !== null)
    throw new Error("The first proposal is refused.");
  await told(() => apply(proposal.value, ports));
  for (const is of ["undo", "redo", "undo"] as const) await turn(is, ports, told);
  await explainAtStart(ports, () => false);
  const entries = await entriesIn(ports);
  for (const one of written) expect(isOurs(one, entries), JSON.stringify(one)).toBe(true);
}

async function turn(
  is: "undo" | "redo",
  ports: Ports,
  told: (run: () => Promise<Outcome>) => Promise<void>,
): Promise<void> {
  const entry = await entryFor({ is, id: null }, ports);
  if (!entry.ok) return;
  const proposal = await proposeUndo(entry.value, ports);
  if (proposal.ok && proposal.value.rehearsal?.refusal === null)
    await told(() => apply(proposal.value, ports));
}

/** Every step that is told to stand was written, and once. */
function countsWhatWasWritten({ is, steps }: Outcome, writes: number, lostDeletes: number): void {
  if (steps.includes("unknown")) return;
  const standing = steps.filter((step) => step === "applied" || step === "stayed").length;
  const back = steps.filter((step) => step === "taken back").length;
  // A write whose answer was lost, and that somebody took back at once, is told as "not in effect".
  // What was to be deleted and is gone is told as done, be it that somebody else did it and not our request.
  const silent = is === "unreachable" ? [0, 1] : lostDeletes > 0 ? [0, -1] : [0];
  expect(silent.map((more) => standing + 2 * back + more)).toContain(writes);
}

const sorted = (value: unknown): unknown =>
  typeof value !== "object" || value === null
    ? value
    : Array.isArray(value)
      ? value.map(sorted)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
        );
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** Did this write do nothing but what a plan of the journal says, or its inverse? */
function isOurs({ method, path, before, after }: Written, entries: readonly Entry[]): boolean {
  return entries
    .flatMap(({ intent }) => intent.patches.map(({ patch }) => patch))
    .filter(({ ref }) => path.endsWith(`/${ref.name}`))
    .some((patch) => {
      if (patch.do !== "edit") {
        // Made where nothing was, or taken away with nobody else's word in it.
        if (method === "POST") return before === 404 && holds(after, patch.manifest);
        return method === "DELETE" && after === 404 && holds(before, patch.manifest);
      }
      if (method !== "PATCH" || typeof before !== "object") return false;
      return [patch.edits, patch.edits.map(undoOf).reverse()].some((edits) => {
        const next = withEdits(before as Json, edits);
        return next !== null && isSame(next, after);
      });
    });
}

/** An object with this content, and with no label, annotation or owner beside it. */
function holds(object: unknown, manifest: Json): boolean {
  if (!isJsonObject(object as Json)) return false;
  return ["/spec", "/metadata/labels", "/metadata/annotations", "/metadata/ownerReferences"].every((path) =>
    isSame(valueAt(object as Json, path) ?? null, valueAt(manifest, path) ?? null),
  );
}
