/** Who answered what one caller sent to a service, where its edge does not say it: drawn when somebody asks (docs/adr/0011). */
import type { Flow, SourceFlows } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { Kept, keepingItems, keepingJson } from "../kept.ts";
import type { GraphNode, GraphPair } from "../model/graph.ts";
import type { WorkloadKey } from "../model/keys.ts";
import { atOnce, each, type Steps } from "../steps.ts";
import { callChanges } from "./callChanges.ts";
import { predictionsFrom } from "./graphEdges.ts";
import { GraphNodes } from "./graphNodes.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { answererOf, linesOf, spokenPart, strandsOf, type Strand } from "./lines.ts";
import { lockOf } from "./locks.ts";

/** What pairs are drawn from. */
export interface PairSight {
  readonly known: KnownMesh;
  readonly index: FlowIndex;
}

interface Drawn {
  readonly known: KnownMesh;
  readonly pairs: readonly GraphPair[];
}

const newKept = (): Kept<WorkloadKey | null, readonly GraphPair[]> => new Kept(keepingJson(2));

/** Pictures. */
const lastingInterest = 2;

/** The pairs of one picture. */
export class Pairs {
  #sight: PairSight;
  #drawn: Drawn | null = null;
  #bySource = newKept();
  /** For so many pictures somebody will probably ask: one may pass that nobody looks at. */
  #interest = 0;

  constructor({ known, index }: PairSight) {
    this.#sight = { known, index };
  }

  /** In the order of the edges; the same list each time. */
  get all(): readonly GraphPair[] {
    this.#interest = lastingInterest;
    return this.#drawn?.pairs ?? atOnce(this.#draw(null));
  }

  /**
   * Those of the next picture: drawn now, a step at a time, if somebody asked for these. Takes what these kept.
   *
   * @param isSame does that picture say the same otherwise?
   * @returns these, where they say the same too, as what they are from now on. What nobody has seen says the same.
   */
  *next(sight: PairSight, isSame: boolean): Steps<Pairs> {
    const pairs = new Pairs(sight);
    if (this.#interest > 0 && this.#drawn !== null) {
      pairs.#interest = this.#interest - 1;
      // These are drawn: what they kept is of use to the next ones alone.
      [pairs.#bySource, this.#bySource] = [this.#bySource, newKept()];
      yield* pairs.#draw(this.#drawn);
      if (pairs.#drawn?.pairs !== this.#drawn.pairs) return pairs;
    }
    return isSame ? this.#become(pairs) : pairs;
  }

  /** What these are drawn from need not be held any more. */
  #become(next: Pairs): this {
    this.#sight = next.#sight;
    this.#drawn = next.#drawn;
    this.#bySource = next.#bySource;
    return this;
  }

  *#draw(before: Drawn | null): Steps<readonly GraphPair[]> {
    const sight = this.#sight;
    // Of their own: old ends, which old pictures are drawn from, mean nothing to who builds the next mesh.
    const nodes = new GraphNodes(sight.known, []);
    const changes = callChanges(before?.known ?? null, sight.known);
    const all: GraphPair[] = [];
    yield* each(sight.index.sources, 64, (source) => {
      const { end, flows, copies } = source;
      const told = [sight.index.sight, flows, copies];
      const stands = (): boolean => !changes.ofCaller(end, flows) && !changes.ofCaller(end, copies);
      const own = this.#bySource.while(end?.key ?? null, told, stands, () =>
        pairsSentBy(sight, nodes, source),
      );
      for (const pair of own) all.push(pair);
    });
    this.#bySource.turn();
    const pairs = before === null ? all : keepingItems(before.pairs, all);
    this.#drawn = { known: sight.known, pairs };
    return pairs;
  }
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
