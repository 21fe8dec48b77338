/** Who answered what one caller sent to a service: what its edge says, and, where that is not all, pairs (docs/adr/0011). */
import type { WorkloadEnd } from "../join/ends.ts";
import type { Flow, Protocol } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { measured, type Measured } from "../join/sum.ts";
import type { GraphNode, GraphPair } from "../model/graph.ts";
import type { NodeId } from "../model/keys.ts";
import { lockOf, type Predictions } from "./locks.ts";

/** Flows between two nodes, or copies. */
export interface Calls {
  readonly index: FlowIndex;
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** `null`: nothing is promised. */
  readonly predictions: Predictions | null;
  /** Node of a workload that answers for the service; `null`: the flows end where they lead to. */
  readonly answering: ((end: WorkloadEnd) => NodeId) | null;
  readonly flows: readonly Flow[];
  readonly mirrored: boolean;
}

/** Calls that one workload answered, or none did. */
export type Answer = readonly Flow[];

/** Calls that speak a protocol by who answered, in the order in which these are named. */
export function answersTo({ flows, answering }: Calls, protocol: Protocol): readonly Answer[] {
  if (answering === null) return [];
  const isSpoken = (flow: Flow): boolean => flow[protocol] !== null;
  const spoken = flows.every(isSpoken) ? flows : flows.filter(isSpoken);
  if (isEachAlone(spoken)) return spoken.map((flow) => [flow]);
  return [...Map.groupBy(spoken, ({ destination }) => destination).values()];
}

/** So many are compared one by one faster than they are hashed. */
const few = 8;

/** Nearly always what a caller sends to a service is one flow for each workload that answers. */
const isEachAlone = (flows: readonly Flow[]): boolean =>
  flows.length <= few &&
  flows.every(({ destination }, at) => flows.findIndex((one) => one.destination === destination) === at);

/** `null`: no workload was reached. */
export const reachedBy = (answer: Answer, { answering }: Calls): NodeId | null => {
  const end = answer[0]?.destination ?? null;
  return end === null || answering === null ? null : answering(end);
};

/** Where no workload was reached the service stands for it. */
export function pairOf(answer: Answer, protocol: Protocol, calls: Calls): GraphPair {
  const { index, from, to, predictions, mirrored } = calls;
  const { traffic, seen } = spokenPart(index, answer, protocol);
  const lock = lockOf(seen, predictions?.of(answer[0]?.destination?.key ?? null) ?? null);
  const reached = reachedBy(answer, calls) ?? to.id;
  return { from: from.id, through: to.id, to: reached, protocol, traffic, lock, mirrored };
}

/** What the flows say in one protocol; mostly that is all that they say. */
export const spokenPart = (index: FlowIndex, flows: readonly Flow[], protocol: Protocol): Measured =>
  flows.every((flow) => speaksOnly(flow, protocol))
    ? index.measure(flows)
    : measured(flows, index.sight, [protocol]);

const speaksOnly = ({ http, grpc, tcp }: Flow, protocol: Protocol): boolean =>
  (http === null || protocol === "http") &&
  (grpc === null || protocol === "grpc") &&
  (tcp === null || protocol === "tcp");
