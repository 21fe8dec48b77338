import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { TraceTemplate } from "../../data/mesh/traceLink.ts";
import type { GraphOptions } from "../graph/graphOptions.ts";
import type { EdgeLabelChoice, Extent } from "../graph/picture.ts";
import type { Places } from "../graph/places.ts";
import type { Glyphs } from "../paint/glyphs.ts";
import type { Binding } from "../state/binding.ts";
import type { Command } from "../state/context.ts";
import type { Content } from "../state/content.ts";
import type { LoadedProxies } from "../state/loadedProxies.ts";
import type { Following, LoadedJournal, Note } from "../state/steering.ts";
import type { LoadedContexts } from "../state/contextEvent.ts";
import type { Tailing } from "../state/tailEvent.ts";
import type { LoadedObject, LoadedPreview, Page, ViewId } from "../state/uiState.ts";

/** What a view may look at: no clock, no state besides its page. */
export interface ViewInput {
  readonly mesh: Mesh;
  readonly page: Page;
  readonly namespace: string | null;
  /** Room for the body, in cells. */
  readonly size: { readonly columns: number; readonly rows: number };
  readonly glyphs: Glyphs;
  readonly unicode: boolean;
  readonly objects: Readonly<Record<string, LoadedObject>>;
  /** By namespace. */
  readonly previews: Readonly<Record<string, LoadedPreview>>;
  readonly journal: LoadedJournal | null;
  readonly proxies: LoadedProxies;
  readonly following: readonly Following[];
  readonly notes: readonly Note[];
  readonly logs: Tailing | null;
  readonly contexts: LoadedContexts | null;
  /** Where a service's traces are; `null`: nobody said. */
  readonly traces: TraceTemplate | null;
  readonly edgeLabel: EdgeLabelChoice;
  readonly extent: Extent;
  readonly places: Places;
  readonly graph: GraphOptions;
  /** The mesh of the refresh before this one; `null`: there was none. */
  readonly before: Mesh | null;
  /** For the help. */
  readonly bindings: readonly Binding[];
  readonly commands: readonly Pick<Command, "names" | "description">[];
}

export interface View {
  readonly id: ViewId;
  readonly title: string;
  /** Names on the command line, the first is the one to complete to. */
  readonly commands: readonly string[];
  /** What it answers, for the help and the completion. */
  readonly description: string;
  /** Reached with tab; the others need a subject. */
  readonly isRoot: boolean;
  /** The content depends on the cursor and the scroll offset: a picture draws both. */
  readonly drawsCursor?: boolean;
  readonly render: (input: ViewInput) => Content;
}
