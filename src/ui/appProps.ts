import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { ServiceKey } from "../data/mesh/model/keys.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { DataError, Result } from "../data/mesh/result.ts";
import type { Instant } from "../data/mesh/units.ts";
import type { KeyTable } from "./state/binding.ts";

/** Everything the dashboard knows of the world: it reaches no network, no clock and no process by itself. */
export interface AppProps {
  /** The newest mesh. `snapshot` keeps its identity until `listener` was called; it is never called during a render. */
  readonly source: {
    readonly subscribe: (listener: () => void) => () => void;
    readonly snapshot: () => Mesh;
  };
  readonly session: Session;
  /** `every` calls `fn` each `ms` milliseconds until the function it returns is called. */
  readonly clock: {
    readonly now: () => Instant;
    readonly every: (ms: number, fn: () => void) => () => void;
  };
  readonly terminal: TerminalTraits;
  readonly keys: KeyTable;
  /** The object as the server holds it now; plain JSON, not cleaned. Never rejects. */
  readonly readObject: (ref: ResourceRef) => Promise<Result<unknown, DataError>>;
  /** Ask both sources again, now. */
  readonly refresh: () => void;
  /** Services on screen in detail: what costs too much to ask for all of them is asked for these. */
  readonly focus: (services: readonly ServiceKey[]) => void;
  /** The user wants to leave; called once, after the screen was given back. */
  readonly exit: () => void;
}

export interface Session {
  /** Names as the kubeconfig has them, not yet cleaned. */
  readonly context: string;
  readonly cluster: string;
  readonly user: string;
  /** Where it starts; `null`: in all namespaces. */
  readonly namespace: string | null;
  /** Name of the simulated mesh; `null` on a real cluster. */
  readonly scenario: string | null;
  readonly readonly: boolean;
  readonly version: string;
}

export type ColorDepth = "none" | "16" | "256" | "truecolor";

export interface TerminalTraits {
  readonly color: ColorDepth;
  /** `false`: paint with ASCII only (`--ascii`, or a locale without UTF-8). */
  readonly unicode: boolean;
}
