/** What the page of a state shows, rendered once for all the keys that only move the cursor in it. */
import type { Mesh } from "../data/mesh/model/mesh.ts";
import { commands } from "./commandTable.ts";
import type { AppProps } from "./appProps.ts";
import { createPlaces } from "./graph/places.ts";
import { glyphsFor } from "./paint/glyphs.ts";
import { bannerLines } from "./screen/banner.ts";
import { drawnDialog, sizeForBody } from "./screen/dialogArea.ts";
import { noteLines } from "./screen/noteLines.ts";
import { bodyRows, type Content } from "./state/content.ts";
import { currentPage, type UiState } from "./state/uiState.ts";
import { viewOf } from "./views/index.ts";
import type { View, ViewInput } from "./views/view.ts";

/** The content, and the lines there are for its body. */
export type Contents = (state: UiState) => { readonly content: Content; readonly rows: number };

/** @param onPlaced hears when a picture that was waited for is there. */
export function createContents(propsOf: () => AppProps, onPlaced: () => void): Contents {
  const history = createHistory();
  const places = createPlaces((steps, done) => propsOf().clock.work(steps, done), onPlaced);
  let last: { readonly on: readonly unknown[]; readonly value: ReturnType<Contents> } | null = null;
  return (state) => {
    const { terminal, source, keys, session } = propsOf();
    const mesh = source.snapshot();
    const page = currentPage(state);
    const view = viewOf(page.view);
    const glyphs = glyphsFor(terminal);
    const taken = bannerLines(mesh, state.size).length + noteLines(state, glyphs).length;
    const size = sizeForBody(state, drawnDialog(state, { mesh, glyphs }, taken));
    const on = dependencies(view, state, [
      ...[mesh, terminal, session.traces, size.columns, size.rows],
      state.placings,
    ]);
    if (last?.on.length === on.length && last.on.every((one, index) => Object.is(one, on[index])))
      return last.value;
    if (view.drawsCursor !== true) places.left();
    const input: ViewInput = {
      ...remembered(state),
      mesh,
      page,
      size: { columns: size.columns, rows: bodyRows(size.rows, taken, null) },
      glyphs,
      unicode: terminal.unicode,
      traces: session.traces,
      before: history.before(mesh),
      places,
      bindings: keys.bindings,
      commands,
    };
    const content = view.render(input);
    const value = { content, rows: bodyRows(size.rows, taken, content) };
    last = { on, value };
    return value;
  };
}

/** What a view may see of the state beside its page. */
function remembered(state: UiState): Pick<ViewInput, Exclude<keyof UiState & keyof ViewInput, "size">> {
  const { namespace, objects, previews, journal, proxies, following } = state;
  const { notes, logs, contexts, edgeLabel, extent, graph } = state;
  const read = { objects, previews, journal, proxies, following, notes, logs, contexts };
  return { ...read, namespace, edgeLabel, extent, graph };
}

/** Remembers the mesh of the refresh before: the one with another time of evaluation. */
function createHistory(): { readonly before: (mesh: Mesh) => Mesh | null } {
  let now: Mesh | null = null;
  let before: Mesh | null = null;
  return {
    before: (mesh) => {
      if (now !== null && now.at !== mesh.at) before = now.at === null ? null : now;
      now = mesh;
      return before;
    },
  };
}

/** What a view's content is made of; a picture also draws its cursor and its part of the whole. */
function dependencies(view: View, state: UiState, outer: readonly unknown[]): readonly unknown[] {
  const page = currentPage(state);
  const place =
    view.drawsCursor === true ? [page.selected, page.top, page.left, page.center, page.follows] : [];
  return [
    ...outer,
    ...[page.view, page.subject, page.filter, page.sort],
    ...Object.values(remembered(state)),
    ...place,
  ];
}
