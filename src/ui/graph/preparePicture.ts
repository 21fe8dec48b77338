import { clean } from "../../data/mesh/clean.ts";
import type { Graph } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Steps } from "../../data/mesh/steps.ts";
import type { Box, Picture } from "./boxes.ts";
import { changesBetween, type Changes } from "./changes.ts";
import { isSensible, mostBoxes, onlyOf, wholeLayoutFor, type Room } from "./chooseLayout.ts";
import type { Expression } from "./find/parseExpression.ts";
import { groupingGraph, type GroupOptions } from "./groupGraph.ts";
import type { Arrangement, Layout } from "./layoutGraph.ts";
import { stepsThrough } from "./navigate.ts";
import type { PictureKey, Rect, Steps as ArrowSteps } from "./picture.ts";
import { placedNodes, rectsOf, type PlacedNode } from "./placedNodes.ts";
import { callsInOrder } from "./selection.ts";
import type { Structure } from "./shape.ts";
import { foundIn, without } from "./sift.ts";
import { wholeStructure } from "./structureOf.ts";

/** A graph and the mesh that it is of, or a part of. */
interface Sighting {
  readonly graph: Graph;
  readonly mesh: Mesh;
}

export interface PrepareInput extends Sighting, PictureOptions {
  /** `null`: there was no refresh before. */
  readonly before: Sighting | null;
}

interface PictureOptions extends GroupOptions {
  /** With the text that it was read from; `null`: nothing is left out. */
  readonly hide: { readonly text: string; readonly expression: Expression } | null;
  readonly isBoxed: boolean;
  /** Does the graph hold what nobody calls? */
  readonly showsIdle: boolean;
}

/** What the drawings of one mesh have in common. */
export interface Prepared {
  readonly picture: Picture;
  /** With what is hidden for its figures, which may be back at the next refresh: it keeps its place. */
  readonly placed: Picture;
  readonly changes: Changes;
  /** Boxes and calls that are left out. */
  readonly hidden: number;
  /** Lays it out; `arrange` may know an arrangement already. Not to be asked twice for the same room (`Places`). */
  readonly whole: (room: Room, arrange: (structure: Structure) => Steps<Arrangement>) => Steps<WholeLayout>;
}

/** Where everything of a picture is, and how to go through it. */
export interface WholeLayout {
  readonly layout: Layout;
  readonly rects: ReadonlyMap<PictureKey, Rect>;
  readonly steps: ArrowSteps;
  /** In reading order. */
  readonly nodes: readonly PlacedNode[];
  /** Its calls, caller by caller. */
  readonly edges: readonly PictureKey[];
}

interface Kept {
  readonly mesh: Mesh;
  /** Weakly: what is kept of each graph would hold the one before it, and so all that there ever were. */
  readonly before: WeakRef<Graph> | null;
  readonly prepared: Prepared;
}

/** A key press draws the same graph again, and then only has to paint. By the options that it was prepared with. */
const preparations = new WeakMap<Graph, Map<string, Kept>>();

/** Pictures of one graph that are kept. */
const most = 4;

/** What was prepared of this already. */
export function preparedOf({ graph, mesh, before, ...options }: PrepareInput): Prepared | null {
  const known = preparations.get(graph)?.get(preparedWith(options));
  return known?.mesh === mesh && isOf(known.before, before) ? known.prepared : null;
}

const isOf = (kept: Kept["before"], before: Sighting | null): boolean =>
  kept === null || before === null ? kept === before : kept.deref() === before.graph;

/**
 * Prepares it, for `preparedOf` to find.
 *
 * @param isHurried a key waits: changes are told only if the refresh before was grouped already.
 */
export function* preparing(input: PrepareInput, isHurried: boolean): Steps<Prepared> {
  const { graph, mesh } = input;
  const prepared = yield* prepare(input, isHurried);
  const kept = preparations.get(graph) ?? new Map<string, Kept>();
  preparations.set(graph, kept);
  if (kept.size >= most) kept.clear();
  const before = input.before === null ? null : new WeakRef(input.before.graph);
  kept.set(preparedWith(input), { mesh, before, prepared });
  return prepared;
}

/** The options of a picture in one word. */
export const preparedWith = (options: PictureOptions): string => {
  const { grouping, namespace, hide, isBoxed, showsIdle } = options;
  return JSON.stringify([grouping, namespace, hide?.text ?? "", isBoxed, showsIdle]);
};

function* prepare(input: PrepareInput, isHurried: boolean): Steps<Prepared> {
  const { before, hide } = input;
  const all = yield* grouped(input, input);
  yield;
  const old = before === null ? null : isHurried ? drawnOnce(before, input) : yield* grouped(before, input);
  const changes = changesBetween(old, all);
  yield;
  const left = hide === null ? all : without(all, foundIn(all, changes, hide.expression));
  const hidden = all.boxes.length + all.calls.length - left.boxes.length - left.calls.length;
  const placed = hide === null ? all : without(all, foundIn(all, changes, hide.expression, "structure"));
  const titled = (picture: Picture): Picture => (input.isBoxed ? withShortTitles(picture) : picture);
  const picture = titled(left);
  const withHidden = placed === left ? picture : titled(placed);
  const whole = layingOut(withHidden, picture, input.isBoxed);
  return { picture, placed: withHidden, changes, hidden, whole };
}

/** In the rows of its namespace a box need not name it. */
function withShortTitles(picture: Picture): Picture {
  const boxes = picture.boxes.map((box): Box => {
    const prefix = `${clean(box.namespace)}/`;
    return box.title.startsWith(prefix) ? { ...box, title: box.title.slice(prefix.length) } : box;
  });
  return { ...picture, boxes };
}

const pictures = new WeakMap<
  Graph,
  { readonly mesh: Mesh; readonly name: string; readonly picture: Picture }
>();

const nameOf = ({ grouping, namespace }: GroupOptions): string => `${grouping} ${namespace ?? ""}`;

function drawnOnce({ graph, mesh }: Sighting, options: GroupOptions): Picture | null {
  const known = pictures.get(graph);
  return known?.mesh === mesh && known.name === nameOf(options) ? known.picture : null;
}

function* grouped(sighting: Sighting, options: GroupOptions): Steps<Picture> {
  const known = drawnOnce(sighting, options);
  if (known !== null) return known;
  const { graph, mesh } = sighting;
  const { grouping, namespace } = options;
  const picture = yield* groupingGraph(graph, mesh, { grouping, namespace });
  pictures.set(graph, { mesh, name: nameOf(options), picture });
  return picture;
}

/**
 * @param placed what has a place: also what is hidden for its figures. It comes back when they change, and nothing else moves then. Where these places
 * are more than a screen can show, what is shown moves together.
 */
function layingOut(placed: Picture, shown: Picture, isBoxed: boolean): Prepared["whole"] {
  const hasHoles = placed.boxes.length > shown.boxes.length || placed.calls.length > shown.calls.length;
  const keepsHoles = hasHoles && placed.boxes.length <= mostBoxes;
  return function* (room, arrange) {
    const laidOut = function* (picture: Picture): Steps<Layout> {
      return yield* wholeLayoutFor(picture, yield* arrange(wholeStructure(picture, isBoxed)), room);
    };
    let layout = yield* laidOut(keepsHoles ? placed : shown);
    if (keepsHoles)
      layout = isSensible(layout.size, room.size) ? onlyOf(layout, shown) : yield* laidOut(shown);
    yield;
    const steps = stepsThrough(layout);
    yield;
    const rects = rectsOf(layout);
    const order = layout.columns.flat();
    const nodes = placedNodes(shown, order, rects);
    return { layout, rects, steps, nodes, edges: callsInOrder(shown.calls, order) };
  };
}
