import type { Graph } from "../../data/mesh/model/graph.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Picture } from "./boxes.ts";
import { wholeLayoutFor } from "./chooseLayout.ts";
import { groupGraph } from "./groupGraph.ts";
import { arrangeGraph, type Arrangement, type Layout } from "./layoutGraph.ts";
import { stepsThrough } from "./navigate.ts";
import type { EdgeLabelChoice, Size, Steps } from "./picture.ts";
import { wholeStructure } from "./structureOf.ts";

/** What the drawings of one mesh have in common. */
export interface Prepared {
  readonly picture: Picture;
  /** Made when first asked for: a large mesh may never be drawn whole. */
  readonly whole: (size: Size, labels: EdgeLabelChoice) => WholeLayout;
}

export interface WholeLayout {
  readonly layout: Layout;
  readonly steps: Steps;
}

/** A key press draws the same graph again, and then only has to paint. */
const preparations = new WeakMap<Graph, { readonly mesh: Mesh; readonly prepared: Prepared }>();

export function preparePicture(graph: Graph, mesh: Mesh): Prepared {
  const known = preparations.get(graph);
  if (known?.mesh === mesh) return known.prepared;
  const picture = groupGraph(graph, mesh);
  const prepared = { picture, whole: rememberLast(picture) };
  preparations.set(graph, { mesh, prepared });
  return prepared;
}

function rememberLast(picture: Picture): Prepared["whole"] {
  let arrangement: Arrangement | null = null;
  let last: { readonly name: string; readonly laidOut: WholeLayout } | null = null;
  return (size, labels) => {
    const name = `${size.columns} ${labels}`;
    if (last?.name === name) return last.laidOut;
    arrangement ??= arrangeGraph(wholeStructure(picture));
    const layout = wholeLayoutFor(picture, arrangement, { size, labels });
    last = { name, laidOut: { layout, steps: stepsThrough(layout) } };
    return last.laidOut;
  };
}
