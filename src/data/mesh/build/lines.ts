/** What flows from one node of the picture to others, line by line. */
import type { Answers } from "../join/answers.ts";
import type { WorkloadEnd } from "../join/ends.ts";
import { noFlows, type Flow, type Protocol } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { measured, type Measured } from "../join/sum.ts";
import type { GraphNode } from "../model/graph.ts";
import { SmallMap, withOne } from "../smallMap.ts";

/** Flows that leave one node. */
export interface Departures {
  /** Where they lead to; `null`: nowhere. */
  readonly to: (flow: Flow) => GraphNode | null;
  readonly flows: readonly Flow[];
  readonly copies: readonly Flow[];
}

/** What flows to one node, of all that leaves another. */
export interface Line {
  readonly to: GraphNode;
  readonly flows: readonly Flow[];
  readonly copies: readonly Flow[];
}

/** What a line carries in one protocol. */
export interface Strand {
  readonly protocol: Protocol;
  /** With those that do not speak it. */
  readonly flows: readonly Flow[];
  /** Do they speak nothing else? */
  readonly isAll: boolean;
  readonly mirrored: boolean;
}

/** Those of one host: its flows by who answered are its lines already. */
export function linesOfAnswers(
  { keys, values }: Answers,
  nodeOf: (end: WorkloadEnd) => GraphNode,
): readonly Line[] {
  const lines: Line[] = [];
  keys.forEach((end, at) => {
    if (end !== null) lines.push({ to: nodeOf(end), flows: values[at] ?? noFlows, copies: noFlows });
  });
  return inOrder(lines);
}

type GrowingLine = { -readonly [Name in keyof Line]: Line[Name] };

/** By the name of the node that they lead to. */
export function linesOf({ to: toNode, flows, copies }: Departures): readonly Line[] {
  const first = flows[0] === undefined ? null : toNode(flows[0]);
  if (first !== null && copies.length === 0 && flows.every((flow) => toNode(flow) === first))
    return [{ to: first, flows, copies }];
  const lines = new SmallMap<GraphNode, GrowingLine>();
  const add = (flow: Flow, side: "flows" | "copies"): void => {
    const to = toNode(flow);
    if (to === null) return;
    const line = lines.get(to) ?? lines.add(to, { to, flows: noFlows, copies: noFlows });
    line[side] = withOne(line[side], flow);
  };
  for (const flow of flows) add(flow, "flows");
  for (const copy of copies) add(copy, "copies");
  return inOrder(lines.values);
}

function inOrder(lines: readonly Line[]): readonly Line[] {
  const isSorted = lines.every(({ to }, at) => at === 0 || (lines[at - 1]?.to.id ?? "") <= to.id);
  return isSorted ? lines : lines.toSorted((a, b) => (a.to.id < b.to.id ? -1 : 1));
}

const protocols: readonly Protocol[] = ["http", "grpc", "tcp"];
const justHttp: readonly Protocol[] = ["http"];

/** In the order of protocols. Copies only in what nothing else speaks: a strand that carries both says nothing of them. */
export function strandsOf({ flows, copies }: Line): readonly Strand[] {
  const spoken = spokenIn(flows);
  const own = strands(flows, spoken, spoken, false);
  if (copies.length === 0) return own;
  const copied = spokenIn(copies);
  const extra = copied.filter((one) => !spoken.includes(one));
  const both = [...own, ...strands(copies, copied, extra, true)];
  return both.sort((a, b) => protocols.indexOf(a.protocol) - protocols.indexOf(b.protocol));
}

const strands = (
  flows: readonly Flow[],
  spoken: readonly Protocol[],
  wanted: readonly Protocol[],
  mirrored: boolean,
): Strand[] => wanted.map((protocol) => ({ protocol, flows, isAll: spoken.length === 1, mirrored }));

function spokenIn(flows: readonly Flow[]): readonly Protocol[] {
  let [http, grpc, tcp] = [false, false, false];
  for (const flow of flows) {
    http ||= flow.http !== null;
    grpc ||= flow.grpc !== null;
    tcp ||= flow.tcp !== null;
  }
  if (http && !grpc && !tcp) return justHttp;
  return protocols.filter((protocol) => ({ http, grpc, tcp })[protocol]);
}

/** What the flows say in one protocol. */
export const spokenPart = (
  index: FlowIndex,
  { flows, protocol, isAll }: Pick<Strand, "flows" | "protocol" | "isAll">,
): Measured => (isAll ? index.measure(flows) : measured(flows, index.sight, protocol));

/** Who answered a strand: one workload, or none (`null`), or several; or a part of it reached none. */
export function answererOf({ flows, protocol }: Strand): WorkloadEnd | null | "several" {
  let answerer: WorkloadEnd | null | undefined;
  for (const flow of flows) {
    if (flow[protocol] === null || flow.destination === answerer) continue;
    if (answerer !== undefined) return "several";
    answerer = flow.destination;
  }
  return answerer ?? null;
}
