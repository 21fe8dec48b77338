/** Who answered what one caller sent to a service, where its edge does not say it (docs/adr/0011). */
import type { Flow, SourceFlows } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { Kept, keepingItems, keepingJson } from "../kept.ts";
import type { GraphNode, GraphPair } from "../model/graph.ts";
import type { WorkloadKey } from "../model/keys.ts";
import { each } from "../steps.ts";
import { callChanges } from "./callChanges.ts";
import { predictionsFrom } from "./graphEdges.ts";
import { GraphNodes } from "./graphNodes.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { answererOf, linesOf, spokenPart, strandsOf, type Strand } from "./lines.ts";
import { lockOf } from "./locks.ts";
import type { Hand, OnDemand } from "./onDemand.ts";

/** What pairs are drawn from. */
export interface PairSight {
  readonly known: KnownMesh;
  readonly index: FlowIndex;
}

interface DrawnPairs {
  readonly known: KnownMesh;
  /** In the order of the edges. */
  readonly all: readonly GraphPair[];
}

export type Pairs = OnDemand<PairSight, DrawnPairs>;

/** Draws who answered what each caller sent. */
export function pairsHand(): Hand<PairSight, DrawnPairs> {
  const bySource = new Kept<WorkloadKey | null, readonly GraphPair[]>(keepingJson(2));
  return {
    *draw(sight, before) {
      const { known, index } = sight;
      // Of their own: old ends, which old graphs are drawn from, mean nothing to who builds the next mesh.
      const nodes = new GraphNodes(known, []);
      const calls = callChanges(before?.known ?? null, known);
      const all: GraphPair[] = [];
      yield* each(index.sources, 64, (source) => {
        const { end, flows, copies } = source;
        const told = [index.sight, flows, copies];
        const stands = (): boolean => !calls.ofCaller(end, flows) && !calls.ofCaller(end, copies);
        const own = bySource.while(end?.key ?? null, told, stands, () => pairsSentBy(sight, nodes, source));
        for (const pair of own) all.push(pair);
      });
      bySource.turn();
      return { known, all: before === null ? all : keepingItems(before.all, all) };
    },
  };
}

function pairsSentBy(
  sight: PairSight,
  nodes: GraphNodes,
  { end, flows, copies }: SourceFlows,
): readonly GraphPair[] {
  const from = nodes.caller(end);
  const to = ({ target, destination }: Flow): GraphNode => nodes.target(target, destination);
  return linesOf({ to, flows, copies }).flatMap((line) =>
    strandsOf(line)
      .filter((strand) => line.to.kind === "service" && answererOf(strand) === "several")
      .flatMap((strand) => pairsOf(sight, nodes, { from, to: line.to, strand })),
  );
}

/** Where no workload was reached the service stands for it. */
function pairsOf(
  { known, index }: PairSight,
  nodes: GraphNodes,
  { from, to, strand }: { readonly from: GraphNode; readonly to: GraphNode; readonly strand: Strand },
): readonly GraphPair[] {
  const { protocol, flows, isAll, mirrored } = strand;
  const predicted = predictionsFrom(known, from);
  const spoken = flows.filter((flow) => flow[protocol] !== null);
  return Array.from(
    Map.groupBy(spoken, ({ destination }) => destination),
    ([answerer, answer]): GraphPair => {
      const { traffic, seen } = spokenPart(index, { flows: answer, protocol, isAll });
      const lock = lockOf(seen, predicted(to, answerer?.key ?? null));
      const reached = answerer === null ? to.id : nodes.workload(answerer).id;
      return { from: from.id, through: to.id, to: reached, protocol, traffic, lock, mirrored };
    },
  );
}
