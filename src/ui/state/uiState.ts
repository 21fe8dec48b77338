/** Everything the dashboard remembers between two keys. Plain values; what is on screen follows from this and the mesh. */
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { DataError, Result } from "../../data/mesh/result.ts";
import type { StrictPreview } from "../../data/mesh/strictPreview.ts";
import type { Instant } from "../../data/mesh/units.ts";
import type { Sort } from "../columns/table.ts";
import { firstOptions, type GraphOptions } from "../graph/graphOptions.ts";
import type { EdgeLabelChoice, Extent } from "../graph/picture.ts";
import type { Tone } from "../paint/span.ts";
import type { LoadedContexts } from "./contextEvent.ts";
import type { Tailing } from "./tailEvent.ts";
import { noProxies, type LoadedProxies } from "./loadedProxies.ts";
import type { Following, LoadedJournal, Note, SteeringDialog } from "./steering.ts";

export type ViewId =
  | "graph"
  | "services"
  | "traffic"
  | "canaries"
  | "mtls"
  | "policies"
  | "breakers"
  | "breaker"
  | "proxies"
  | "proxy"
  | "egress"
  | "checks"
  | "journal"
  | "logs"
  | "traces"
  | "contexts"
  | "entry"
  | "strict"
  | "notes"
  | "sources"
  | "describe"
  | "yaml"
  | "help";

/** What a page is about. */
export interface Subject {
  readonly is: "service" | "workload" | "namespace" | "canary" | "host" | "object";
  /** Key in the mesh; for an object without one, its `namespace/name`; id of an entry of the journal. */
  readonly key: string;
  /** The object to show as YAML; `null`: there is none in the cluster. */
  readonly ref: ResourceRef | null;
}

/** One screenful and the place in it; pages are stacked, `esc` takes the top one off. */
export interface Page {
  readonly view: ViewId;
  readonly subject: Subject | null;
  /** Key of the row under the cursor: a refresh that moves the row moves the cursor. `null`: the first. */
  readonly selected: string | null;
  /** Where `selected` was, for the case that it is gone. */
  readonly at: number;
  readonly top: number;
  readonly left: number;
  /** As typed after `/`; "" shows everything. In text, what is searched. */
  readonly filter: string;
  readonly sort: Sort | null;
  /** Of a picture: the node whose surroundings are drawn, and whether the window goes where the cursor goes. */
  readonly center: string | null;
  readonly follows: boolean;
}

/** A line being typed after `:` or `/`. */
export type LineDialog =
  | { readonly is: "command"; readonly text: string; readonly recalled: number | null }
  | { readonly is: "filter"; readonly text: string; readonly before: string };

/** What takes the keys away from the page. One at a time. */
type Dialog = LineDialog | SteeringDialog;

/** The dialog where it is a line; `null`: it is something else, or there is none. */
export function lineOf({ dialog }: Pick<UiState, "dialog">): LineDialog | null {
  return dialog?.is === "command" || dialog?.is === "filter" ? dialog : null;
}

interface Flash {
  readonly id: number;
  readonly text: string;
  readonly tone: Tone;
}

export type LoadedObject =
  { readonly is: "loading" } | { readonly is: "read"; readonly result: Result<unknown, DataError> };

/** What STRICT for a namespace would do. */
export type LoadedPreview =
  { readonly is: "loading" } | { readonly is: "read"; readonly result: Result<StrictPreview, DataError> };

/** What the labels on the graph's edges say; `e` goes through them in this order. */
export const edgeLabels: readonly EdgeLabelChoice[] = ["rate", "errors", "p95", "lock", "share", "bytes"];

export interface UiState {
  readonly size: { readonly columns: number; readonly rows: number };
  /** Never empty; the last one is on screen. */
  readonly stack: readonly Page[];
  /** The stack that `-` returns to. */
  readonly previous: readonly Page[] | null;
  /** `null`: all namespaces. */
  readonly namespace: string | null;
  readonly dialog: Dialog | null;
  readonly flash: Flash | null;
  /** Flashes so far: the id of the next one. */
  readonly flashes: number;
  /** Commands run, the newest last, each once. */
  readonly history: readonly string[];
  /** Objects that were asked for, by `objectKey`. */
  readonly objects: Readonly<Record<string, LoadedObject>>;
  /** Previews of STRICT that were asked for, by namespace. */
  readonly previews: Readonly<Record<string, LoadedPreview>>;
  readonly edgeLabel: EdgeLabelChoice;
  /** How much of the graph is drawn. */
  readonly extent: Extent;
  readonly graph: GraphOptions;
  /** Pictures so far that came after they were asked for. */
  readonly placings: number;
  /** Questions so far: the id of the next one. */
  readonly questions: number;
  /** Until when a read-only context may be written to; `null`: it may not. */
  readonly armedUntil: Instant | null;
  /** `null`: it was not asked for yet. */
  readonly journal: LoadedJournal | null;
  readonly proxies: LoadedProxies;
  /** Shifts on their way, and those that have arrived and were not dismissed; the newest last. */
  readonly following: readonly Following[];
  readonly notes: readonly Note[];
  /** The access log on screen; `null`: none is. */
  readonly logs: Tailing | null;
  /** `null`: they were not asked for yet. */
  readonly contexts: LoadedContexts | null;
  /** Logs so far: the id of the next one. */
  readonly tails: number;
  /** Why the user may not do a deed to an object, by `denialKey`; `null`: nothing is known against it. Absent: not asked yet. */
  readonly denials: Readonly<Record<string, string | null>>;
}

export function pageOf(view: ViewId, subject: Subject | null = null): Page {
  const place = { selected: null, at: 0, top: 0, left: 0, center: null, follows: true };
  return { view, subject, ...place, filter: "", sort: null };
}

export function initialState(size: UiState["size"], namespace: string | null, view: ViewId): UiState {
  return {
    size,
    stack: [pageOf(view)],
    previous: null,
    namespace,
    dialog: null,
    flash: null,
    flashes: 0,
    history: [],
    objects: {},
    previews: {},
    edgeLabel: "rate",
    extent: "fitting",
    graph: firstOptions,
    placings: 0,
    questions: 0,
    armedUntil: null,
    journal: null,
    proxies: noProxies,
    following: [],
    notes: [],
    logs: null,
    contexts: null,
    tails: 0,
    denials: {},
  };
}

export function currentPage(state: UiState): Page {
  return state.stack.at(-1) ?? pageOf("services");
}

/** The state with its page changed. */
export function withPage(state: UiState, change: Partial<Page>): UiState {
  const page = { ...currentPage(state), ...change };
  return { ...state, stack: [...state.stack.slice(0, -1), page] };
}

export function objectKey(ref: ResourceRef): string {
  return `${ref.group}/${ref.kind}/${ref.namespace ?? ""}/${ref.name}`;
}
