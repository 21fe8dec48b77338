import type { Graph } from "../model/graph.ts";
import type { Steps } from "../steps.ts";
import { graphHand, type DrawnGraph, type GraphSight } from "./graph.ts";
import { OnDemand } from "./onDemand.ts";

/** The graph of one mesh: drawn when somebody looks at it first (docs/adr/0014). */
export class Picture {
  readonly graph: Graph;
  readonly #drawn: OnDemand<GraphSight, DrawnGraph>;

  private constructor(drawn: OnDemand<GraphSight, DrawnGraph>) {
    this.#drawn = drawn;
    this.graph = {
      get nodes() {
        return drawn.value.nodes;
      },
      get edges() {
        return drawn.value.edges;
      },
      get pairs() {
        return drawn.value.pairs.value.all;
      },
    };
  }

  static of(sight: GraphSight): Picture {
    return new Picture(new OnDemand(sight, graphHand));
  }

  /** That of the next mesh; this one, where somebody has seen it and it says nothing else. */
  *next(sight: GraphSight): Steps<Picture> {
    if (sight.changes?.sources.size === 0) return this;
    const next = new Picture(yield* this.#drawn.next(sight));
    if (!this.#drawn.isDrawn || !this.says(next)) return next;
    this.become(next);
    return this;
  }

  /** Does the next one say nothing else, as far as anybody has seen? */
  says(next: Picture): boolean {
    return next === this || this.#drawn.says(next.#drawn, isSame);
  }

  /** Takes the place of the next one, which says nothing else. */
  become(next: Picture): void {
    if (next !== this) this.#drawn.become(next.#drawn);
  }
}

const isSame = (a: DrawnGraph, b: DrawnGraph): boolean =>
  a.nodes === b.nodes && a.edges === b.edges && a.pairs === b.pairs;
