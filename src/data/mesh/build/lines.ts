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
  let lines: readonly Line[] = noLines;
  for (let at = 0; at < keys.length; at += 1) {
    const end = keys[at] ?? null;
    if (end !== null)
      lines = withOne(lines, { to: nodeOf(end), flows: values[at] ?? noFlows, copies: noFlows });
  }
  return inOrder(lines);
}

const noLines: readonly Line[] = [];

type GrowingLine = { -readonly [Name in keyof Line]: Line[Name] };

/** By the name of the node that they lead to. */
export function linesOf({ to: toNode, flows, copies }: Departures): readonly Line[] {
  const first = runFrom(flows, 0, toNode);
  if (first.to !== null && first.end === flows.length && copies.length === 0)
    return [{ to: first.to, flows, copies }];
  const lines = new SmallMap<GraphNode, GrowingLine>();
  const add = (list: readonly Flow[], side: "flows" | "copies"): void => {
    for (let at = 0; at < list.length;) {
      const { to, end } = runFrom(list, at, toNode);
      const run = list.slice(at, end);
      at = end;
      if (to === null) continue;
      const line = lines.get(to) ?? lines.add(to, { to, flows: noFlows, copies: noFlows });
      line[side] = line[side].length === 0 ? run : line[side].concat(run);
    }
  };
  add(flows, "flows");
  add(copies, "copies");
  return inOrder(lines.values);
}

/** Where the flow at a place leads, and the first behind it that leads elsewhere: what goes through one target follows each other. */
function runFrom(
  flows: readonly Flow[],
  at: number,
  toNode: Departures["to"],
): { readonly to: GraphNode | null; readonly end: number } {
  const one = flows[at];
  const to = one === undefined ? null : toNode(one);
  let end = at + 1;
  for (; end < flows.length; end += 1) {
    const next = flows[end];
    if (next !== undefined && toNode(next) !== to) break;
  }
  return { to, end };
}

function inOrder(lines: readonly Line[]): readonly Line[] {
  for (let at = 1; at < lines.length; at += 1)
    if ((lines[at - 1]?.to.id ?? "") > (lines[at]?.to.id ?? ""))
      return lines.toSorted((a, b) => (a.to.id < b.to.id ? -1 : 1));
  return lines;
}

const protocols: readonly Protocol[] = ["http", "grpc", "tcp"];

/** Most lines carry one protocol, and no copies; `null`: this one carries more. Each flow speaks one at least, else it would be none. */
function onlyStrandOf({ flows, copies }: Line): Strand | null {
  if (copies.length > 0) return null;
  let protocol: Protocol | null = null;
  for (const { http, grpc, tcp } of flows) {
    const spoken = http !== null ? "http" : grpc !== null ? "grpc" : "tcp";
    const isAll = (grpc === null || spoken === "grpc") && (tcp === null || spoken === "tcp");
    if (!isAll || (protocol !== null && protocol !== spoken)) return null;
    protocol = spoken;
  }
  return protocol === null ? null : { protocol, flows, isAll: true, mirrored: false };
}

/** In the order of protocols. Copies only in what nothing else speaks: a strand that carries both says nothing of them. */
export function strandsOf(line: Line): readonly Strand[] {
  const only = onlyStrandOf(line);
  if (only !== null) return [only];
  const { flows, copies } = line;
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
