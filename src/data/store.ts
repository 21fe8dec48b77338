/** The one place that holds what is known. Both sources commit here; whoever paints subscribes. */
import { buildMesh } from "./mesh/buildMesh.ts";
import type { Declared } from "./mesh/declared/declared.ts";
import { emptyDeclared } from "./mesh/declared/declared.ts";
import type { Mesh, SourceState } from "./mesh/model/mesh.ts";
import type { DataError, Result } from "./mesh/result.ts";
import { share } from "./mesh/share.ts";
import type { Telemetry } from "./mesh/telemetry.ts";
import type { Millis } from "./mesh/units.ts";

/** Commits closer together than this become one mesh: a burst of watch events is one frame. */
const COALESCE_MS = 100;

export interface Store {
  snapshot(): Mesh;
  /** @returns a function that ends the subscription. The listener hears of a new mesh, never of an equal one. */
  subscribe(listener: () => void): () => void;
  commitDeclared(declared: Declared, state: SourceState): void;
  /** A failure keeps the old telemetry and marks it stale. */
  commitTelemetry(result: Result<Telemetry, DataError>): void;
}

export interface StoreOptions {
  readonly window: Millis;
  /** Runs `work` once, later. */
  readonly later: (ms: number, work: () => void) => void;
}

interface Known {
  declared: Declared;
  telemetry: Telemetry | null;
  sources: { kubernetes: SourceState; prometheus: SourceState };
}

function nothingKnown(): Known {
  return {
    declared: emptyDeclared,
    telemetry: null,
    sources: { kubernetes: { is: "waiting" }, prometheus: { is: "waiting" } },
  };
}

function noteTelemetry(known: Known, result: Result<Telemetry, DataError>): void {
  if (result.ok) known.telemetry = result.value;
  const at = known.telemetry?.at ?? null;
  const prometheus: SourceState = result.ok
    ? { is: "live", at: result.value.at }
    : { is: "stale", at, error: result.error };
  known.sources = { ...known.sources, prometheus };
}

/** A store that knows nothing yet: its first mesh is empty and waits for both sources. */
export function createStore({ window, later }: StoreOptions): Store {
  const known = nothingKnown();
  let mesh = buildMesh({ ...known, window });
  let scheduled = false;
  const listeners = new Set<() => void>();

  function rebuild(): void {
    scheduled = false;
    const next = share(mesh, buildMesh({ ...known, window }));
    if (next === mesh) return;
    mesh = next;
    for (const listener of listeners) listener();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    later(COALESCE_MS, rebuild);
  }

  return {
    snapshot: () => mesh,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    commitDeclared(declared, kubernetes) {
      known.declared = declared;
      known.sources = { ...known.sources, kubernetes };
      schedule();
    },
    commitTelemetry(result) {
      noteTelemetry(known, result);
      schedule();
    },
  };
}
