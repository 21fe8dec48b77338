/** The one place that holds what is known. Both sources commit here; whoever paints subscribes. */
import { checkLater } from "./checkLater.ts";
import { buildMesh, meshSteps } from "./mesh/buildMesh.ts";
import type { Declared } from "./mesh/declared/declared.ts";
import { emptyDeclared } from "./mesh/declared/declared.ts";
import type { Mesh, SourceState } from "./mesh/model/mesh.ts";
import type { DataError, Result } from "./mesh/result.ts";
import type { Telemetry } from "./mesh/telemetry.ts";
import type { Instant, Millis } from "./mesh/units.ts";
import { takeSteps, type Turns } from "./mesh/steps.ts";

/** Commits closer together than this become one mesh: a burst of watch events is one frame. */
const COALESCE_MS = 100;

export interface Store {
  snapshot(): Mesh;
  /** @returns a function that ends the subscription. The listener hears of a new mesh, never of an equal one. */
  subscribe(listener: () => void): () => void;
  commitDeclared(declared: Declared, state: SourceState): void;
  /**
   * A failure keeps the old telemetry and marks it stale.
   *
   * @param at when it was answered, by this machine's clock: ages are told by one clock. The mesh keeps the server's instant.
   */
  commitTelemetry(result: Result<Telemetry, DataError>, at: Instant): void;
  /** The telemetry that the next mesh is built from; `null`: none yet. */
  telemetry(): Telemetry | null;
  /** A sentence about what was asked for and cannot be done, for as long as the store lives. */
  remark(sentence: string): void;
  remarks(): readonly string[];
}

export interface StoreOptions extends Omit<Turns, "clock"> {
  readonly window: Millis;
  /** By which work is cut into pieces; the machine's unless told. */
  readonly clock?: Turns["clock"];
}

interface Known {
  declared: Declared;
  /** The state whose findings are told. Once the cluster is live it may be an earlier one, for a moment. */
  checked: Declared;
  telemetry: Telemetry | null;
  /** When that was answered, by this machine's clock. */
  answered: Instant | null;
  remarks: readonly string[];
  sources: { kubernetes: SourceState; prometheus: SourceState };
}

function nothingKnown(): Known {
  return {
    declared: emptyDeclared,
    checked: emptyDeclared,
    telemetry: null,
    answered: null,
    remarks: [],
    sources: { kubernetes: { is: "waiting" }, prometheus: { is: "waiting" } },
  };
}

function noteTelemetry(known: Known, result: Result<Telemetry, DataError>, at: Instant): void {
  if (result.ok) {
    known.telemetry = result.value;
    known.answered = at;
  }
  const prometheus: SourceState = result.ok
    ? { is: "live", at }
    : { is: "stale", at: known.answered, error: result.error };
  known.sources = { ...known.sources, prometheus };
}

function noteDeclared(known: Known, declared: Declared, kubernetes: SourceState): void {
  // Whoever waits for the first whole answer gets its findings with it.
  if (known.sources.kubernetes.is !== "live") known.checked = declared;
  known.declared = declared;
  known.sources = { ...known.sources, kubernetes };
}

const isSame = (a: Known, b: Known): boolean =>
  (Object.keys(a) as readonly (keyof Known)[]).every((name) => a[name] === b[name]);

/**
 * Builds what is known, one mesh at a time, letting keys have their turn.
 *
 * @param onMesh hears of each, and whether something else is known by now.
 * @returns asks for a mesh; nothing while one is being built.
 */
function builder(
  known: Known,
  { window, later, clock = () => performance.now() }: StoreOptions,
  onMesh: (mesh: Mesh, isOutdated: boolean) => void,
): () => void {
  const build = meshSteps();
  let isBuilding = false;
  return () => {
    if (isBuilding) return;
    isBuilding = true;
    const built = { ...known };
    takeSteps(build({ ...built, window }), { later, clock }, (mesh) => {
      isBuilding = false;
      onMesh(mesh, !isSame(built, known));
    });
  };
}

/** The mesh of what is known, built anew a moment after it was asked for. */
function builtMesh(
  known: Known,
  options: StoreOptions,
): Pick<Store, "snapshot" | "subscribe"> & { readonly schedule: () => void } {
  const { window, later } = options;
  const check = checkLater(later, (declared) => {
    known.checked = declared;
    schedule();
  });
  const rebuild = builder(known, options, (next, isOutdated) => {
    if (isOutdated) schedule();
    else if (known.checked !== known.declared) check(known.declared);
    if (next === mesh) return;
    mesh = next;
    for (const listener of listeners) listener();
  });
  let mesh = buildMesh({ ...known, window });
  let scheduled = false;
  const listeners = new Set<() => void>();

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    later(COALESCE_MS, () => {
      scheduled = false;
      rebuild();
    });
  }

  return {
    schedule,
    snapshot: () => mesh,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A store that knows nothing yet: its first mesh is empty and waits for both sources. */
export function createStore(options: StoreOptions): Store {
  const known = nothingKnown();
  const { schedule, ...mesh } = builtMesh(known, options);
  return {
    ...mesh,
    commitDeclared(declared, kubernetes) {
      noteDeclared(known, declared, kubernetes);
      schedule();
    },
    commitTelemetry(result, at) {
      noteTelemetry(known, result, at);
      schedule();
    },
    telemetry: () => known.telemetry,
    remark(sentence) {
      known.remarks = [...known.remarks, sentence];
      schedule();
    },
    remarks: () => known.remarks,
  };
}
