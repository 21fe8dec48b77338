/** Events that say how the graph is drawn. */
import { groupings, groupingWords } from "../graph/grouping.ts";
import type { Context } from "./context.ts";
import type { UiEvent } from "./event.ts";
import type { Handlers } from "./handler.ts";
import { keepingCursor } from "./movement.ts";
import { flashed, type Next } from "./next.ts";
import { withPage, type UiState } from "./uiState.ts";

type GraphEvent = Extract<UiEvent, { is: "graphOption" | "hide" | "placed" | "edge" }>;

export const graphHandlers: Handlers<GraphEvent["is"]> = {
  graphOption: (state, { option }, context) => change(keepingCursor(state, context), option, context),
  hide: (state, { expression }, context) => hide(keepingCursor(state, context), expression),
  placed: (state) => [{ ...state, placings: state.placings + 1 }, []],
  edge: (state, { by }, { content }) => {
    const next = content.picture?.nextEdge?.(by) ?? null;
    if (next === null) return flashed(state, "No edge ends at this node.", "warn");
    return [withPage(state, { selected: next, follows: true }), []];
  },
};

type Option = Extract<UiEvent, { is: "graphOption" }>["option"];

const words: Readonly<Record<Exclude<Option, "grouping">, readonly [on: string, off: string]>> = {
  isBoxed: ["Rows of its own for each namespace.", "Namespaces stand where their calls put them."],
  showsIdle: ["With what nobody calls.", "Only what calls or is called."],
  panel: ["With the details of what is under the cursor.", "Without details: more room for the picture."],
};

/** The next value of an option, from what is on the screen now. */
function change(state: UiState, option: Option, { content }: Context): Next {
  const { graph } = state;
  if (option === "grouping") {
    const grouping = groupings[(groupings.indexOf(graph.grouping) + 1) % groupings.length] ?? "service";
    return changed(state, { grouping }, `Grouped by ${groupingWords[grouping]}.`);
  }
  const isOn = option === "panel" ? content.detail === undefined : !graph[option];
  const value =
    option === "panel" ? { panel: isOn ? ("on" as const) : ("off" as const) } : { [option]: isOn };
  const isRefused = option === "panel" && isOn && state.size.rows < panelFrom;
  return changed(state, value, isRefused ? `Details need ${panelFrom} rows.` : words[option][isOn ? 0 : 1]);
}

/** Screens with fewer rows have none to spare. */
const panelFrom = 20;

/** Another picture: the window starts at its beginning, and follows the cursor. */
function changed(state: UiState, graph: Partial<UiState["graph"]>, says: string): Next {
  const again = withPage(state, { top: 0, left: 0, follows: true });
  return flashed({ ...again, graph: { ...state.graph, ...graph } }, says, "accent");
}

function hide(state: UiState, expression: string): Next {
  const says =
    expression === "" ? "Everything is shown again." : `Hidden: ${expression}; :hide alone shows it again.`;
  return changed(state, { hide: expression }, says);
}
