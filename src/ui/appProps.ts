import type { Deed } from "../actions/changes/rights.ts";
import type { WantedChange } from "../actions/change.ts";
import type { Level } from "../actions/guard.ts";
import type { Outcome, Proposal } from "../actions/proposal.ts";
import type { Arrival, ArrivalWish } from "../data/mesh/arrival.ts";
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { ServiceKey } from "../data/mesh/model/keys.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { BreakerLook, BreakerWish } from "../data/mesh/proxies/breakerLook.ts";
import type { ProxyLook } from "../data/mesh/proxies/proxyLook.ts";
import type { ProxyReading } from "../data/mesh/proxies/proxyReading.ts";
import type { DataError, Result } from "../data/mesh/result.ts";
import type { TailNews, TailWish } from "../data/mesh/proxyLog/tailWish.ts";
import type { StrictPreview } from "../data/mesh/strictPreview.ts";
import type { TraceTemplate } from "../data/mesh/traceLink.ts";
import type { Instant, Millis } from "../data/mesh/units.ts";
import type { LongWork } from "./graph/places.ts";
import type { JournalState } from "./state/steering.ts";
import type { ContextRow } from "./state/contextEvent.ts";
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
    /** Calls `fn` once, when `ms` have passed and all that came from the terminal until then was delivered. The function it returns takes that back. */
    readonly quiet: (ms: number, fn: () => void) => () => void;
    readonly work: LongWork;
  };
  readonly terminal: TerminalTraits;
  readonly keys: KeyTable;
  /** The object as the server holds it now; plain JSON, not cleaned. Never rejects. */
  readonly readObject: (ref: ResourceRef) => Promise<Result<unknown, DataError>>;
  /** Follows access logs until the function it returns is called; news come a few times a second at most. `null`: there is no connection. */
  readonly tail: ((wish: TailWish, onNews: (news: TailNews) => void) => () => void) | null;
  /** What STRICT for a namespace would do, by an hour of traffic or more. Never rejects. */
  readonly previewStrict: (namespace: string) => Promise<Result<StrictPreview, DataError>>;
  /** The other clusters. `switchTo` ends all of these ports: the dashboard begins anew with others. `null`: a simulated mesh has none. */
  readonly contexts: {
    readonly list: () => Promise<Result<readonly ContextRow[], DataError>>;
    readonly switchTo: (name: string) => void;
  } | null;
  readonly proxies: Proxies;
  /** The way to write; `null`: there is no connection. */
  readonly steering: Steering | null;
  /** Ask both sources again, now. */
  readonly refresh: () => void;
  /** Services on screen in detail: what costs too much to ask for all of them is asked for these. */
  readonly focus: (services: readonly ServiceKey[]) => void;
  /** Stops the program until the shell wakes it (ctrl-z), while the terminal is the shell's; resolves when it goes on. */
  readonly suspend: () => Promise<void>;
  /** Calls `fn` whenever the stopped program goes on (SIGCONT), until the function it returns is called. */
  readonly onWake: (fn: () => void) => () => void;
  /** The user wants to leave; called once, after the screen was given back. */
  readonly exit: () => void;
}

/** What istiod and proxies say of themselves. Nothing here rejects. */
interface Proxies {
  /** Asks every istiod for the state of its proxies. */
  readonly read: () => Promise<Result<ProxyReading, DataError>>;
  /** Asks the proxy of one pod. */
  readonly look: (pod: PodName) => Promise<Result<ProxyLook, DataError>>;
  /** Asks one pod of a caller about the clusters of a service. */
  readonly askCaller: (wish: BreakerWish) => Promise<BreakerLook>;
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** The write path, as far as the dashboard sees it. Errors are sentences for the user. Nothing here rejects. */
interface Steering {
  /** Reads, plans and rehearses; writes nothing. */
  readonly propose: (change: WantedChange) => Promise<Result<Proposal, string>>;
  /** `entry` null: the newest that there is to undo, or redo. */
  readonly proposeUndo: (which: "undo" | "redo", entry: string | null) => Promise<Result<Proposal, string>>;
  /** Writes; called once for each answer that counted. */
  readonly apply: (proposal: Proposal) => Promise<Outcome>;
  readonly journal: () => Promise<Result<JournalState, string>>;
  /** Why the user may not do this to the object; `null`: nothing is known against it. */
  readonly whyNot: (deed: Deed, ref: ResourceRef) => Promise<string | null>;
  /** What became of changes whose writer died: a sentence for each. Called once. */
  readonly explain: () => Promise<readonly string[]>;
  /** The program is to end: no further patch is sent. Resolves with what became of a write that is under way; `null`: there is none. */
  readonly leave: () => Promise<Outcome | null>;
  /** Counts what callers send since the patch (taken at `at`), until it is told or the function it returns is called. */
  readonly follow: (wish: ArrivalWish, at: Instant, onProgress: (arrival: Arrival) => void) => () => void;
}

export interface Session {
  /** Names as the kubeconfig has them, not yet cleaned. */
  readonly context: string;
  readonly cluster: string;
  readonly user: string;
  /** What was asked for, while nothing is connected; "" for the current one. */
  readonly wanted: string;
  /** Where it starts; `null`: in all namespaces. */
  readonly namespace: string | null;
  /** Name of the simulated mesh; `null` on a real cluster. */
  readonly scenario: string | null;
  readonly level: Level;
  /** From the start, a read-only context is armed for so long (`--write`); `null`: it is not. */
  readonly armedFor: Millis | null;
  /** Nothing is written whatever happens (`--readonly`): arming is refused. */
  readonly isSealed: boolean;
  /** Where a service's traces are; `null`: the configuration says nothing of it. */
  readonly traces: TraceTemplate | null;
  readonly version: string;
}

export type ColorDepth = "none" | "16" | "256" | "truecolor";

export interface TerminalTraits {
  readonly color: ColorDepth;
  /** `false`: paint with ASCII only (`--ascii`, or a locale without UTF-8). */
  readonly unicode: boolean;
  /** OSC 8: a text can lead to an address. Absent: it can't. */
  readonly links?: boolean;
}
