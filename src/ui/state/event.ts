import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { DataError, Result } from "../../data/mesh/result.ts";
import type { StrictPreview } from "../../data/mesh/strictPreview.ts";
import type { Tone } from "../paint/span.ts";
import type { ProxyEffect, ProxyEvent } from "./loadedProxies.ts";
import type { SteerEffect, SteerEvent } from "./steerEvent.ts";
import type { ContextEffect, ContextEvent } from "./contextEvent.ts";
import type { TailEffect, TailEvent } from "./tailEvent.ts";
import type { Subject, ViewId } from "./uiState.ts";

export type Direction = "up" | "down" | "left" | "right";

/** What can happen to the dashboard; `update` says what follows. */
export type UiEvent =
  | SteerEvent
  | TailEvent
  | ProxyEvent
  | ContextEvent
  | { readonly is: "resize"; readonly columns: number; readonly rows: number }
  /** To the neighbour: a row, a node of the graph, or a line of text. */
  | { readonly is: "step"; readonly direction: Direction }
  | { readonly is: "page"; readonly by: 1 | -1 }
  | { readonly is: "jump"; readonly to: "top" | "bottom" }
  /** To the next or previous match of the search in a text. */
  | { readonly is: "match"; readonly by: 1 | -1 }
  | { readonly is: "open" }
  | { readonly is: "back" }
  /** Back, and out of the program from the first page. */
  | { readonly is: "leave" }
  | {
      readonly is: "go";
      readonly view: ViewId;
      readonly subject: Subject | null;
      /** Filter and namespace that come with it; absent: as they are. */
      readonly filter?: string;
      readonly namespace?: string;
    }
  | { readonly is: "show"; readonly view: "describe" | "yaml" | "traces" }
  | { readonly is: "help" }
  | { readonly is: "nextView"; readonly by: 1 | -1 }
  | { readonly is: "lastView" }
  | { readonly is: "namespace"; readonly name: string | null }
  | { readonly is: "digit"; readonly digit: number }
  | { readonly is: "sort"; readonly letter: string }
  | { readonly is: "edgeLabel" }
  | { readonly is: "extent" }
  /** The graph: the next grouping, or one of its options on and off. */
  | { readonly is: "graphOption"; readonly option: "grouping" | "isBoxed" | "showsIdle" | "panel" }
  /** A picture that was waited for is there. */
  | { readonly is: "placed" }
  /** What the graph leaves out, as an expression; "" shows everything again. */
  | { readonly is: "hide"; readonly expression: string }
  /** To the next or previous edge of the node, or of the edge, under the cursor. */
  | { readonly is: "edge"; readonly by: 1 | -1 }
  /** A picture's window, without the cursor. */
  | { readonly is: "pan"; readonly direction: Direction }
  | { readonly is: "refresh" }
  | { readonly is: "quit" }
  | { readonly is: "suspend" }
  | { readonly is: "prompt"; readonly for: "command" | "filter"; readonly text?: string }
  | { readonly is: "type"; readonly text: string }
  | { readonly is: "erase"; readonly what: "character" | "word" | "all" }
  | { readonly is: "complete" }
  | { readonly is: "recall"; readonly by: 1 | -1 }
  | { readonly is: "submit" }
  | { readonly is: "cancel" }
  | { readonly is: "flash"; readonly text: string; readonly tone: Tone }
  | { readonly is: "flashExpired"; readonly id: number }
  /** What STRICT would do to the namespace under the cursor. */
  | { readonly is: "strict" }
  | {
      readonly is: "strictRead";
      readonly namespace: string;
      readonly result: Result<StrictPreview, DataError>;
    }
  | {
      readonly is: "objectRead";
      readonly ref: ResourceRef;
      readonly result: Result<unknown, DataError>;
    };

/** What the world is asked to do; `update` returns them, the program runs them. */
export type Effect =
  | SteerEffect
  | TailEffect
  | ProxyEffect
  | ContextEffect
  | { readonly do: "exit" }
  | { readonly do: "suspend" }
  | { readonly do: "refresh" }
  | { readonly do: "read"; readonly ref: ResourceRef }
  | { readonly do: "previewStrict"; readonly namespace: string }
  | { readonly do: "expireFlash"; readonly id: number }
  /** What a command line turned out to mean. */
  | { readonly do: "dispatch"; readonly event: UiEvent };
