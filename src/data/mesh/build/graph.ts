import type { Flow, Protocol } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { measured, type Measured } from "../join/sum.ts";
import type { Graph, GraphEdge, GraphNode } from "../model/graph.ts";
import type { Lock } from "../model/security.ts";
import { GraphNodes } from "./graphNodes.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { anySidecarIn, lockOf, predictedFor, stranger, type CallingSide } from "./locks.ts";

/** What flows between two nodes. */
interface Line {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly flows: Flow[];
}

/** By the two nodes: each is one object, so that nesting is cheaper than putting names together. */
type Lines = Map<GraphNode, Map<GraphNode, Line>>;

const protocols: readonly Protocol[] = ["http", "grpc", "tcp"];

/**
 * The picture of what flows: caller -> service, service -> the workload that answered, caller -> outside. Requests that reached no workload end at their
 * service. Mirrored copies make an edge only where nothing else does: an edge that carries both says nothing of them.
 */
export function buildGraph(known: KnownMesh, flows: FlowIndex): Graph {
  const nodes = new GraphNodes(known);
  const real = linesOf(nodes, flows.flows);
  const copied = linesOf(nodes, flows.copies);
  const places = placesOf([real, copied]);
  const found: Drawn[] = [];
  const draw = drawing(known, flows, places, found);
  for (const line of linesIn(real)) draw(line, null);
  for (const line of linesIn(copied)) draw(line, real.get(line.from)?.get(line.to)?.flows ?? []);
  found.sort(
    (a, b) =>
      a.from - b.from ||
      a.to - b.to ||
      protocols.indexOf(a.edge.protocol) - protocols.indexOf(b.edge.protocol),
  );
  return { nodes: [...places.keys()], edges: found.map(({ edge }) => edge) };
}

function linesOf(nodes: GraphNodes, flows: readonly Flow[]): Lines {
  const lines: Lines = new Map();
  for (const flow of flows) {
    const { source, target, destination } = flow;
    const to = nodes.target(target, destination);
    addTo(lines, nodes.caller(source), to, flow);
    if (target.kind === "service" && destination !== null)
      addTo(lines, to, nodes.workload(destination), flow);
  }
  return lines;
}

function addTo(lines: Lines, from: GraphNode, to: GraphNode, flow: Flow): void {
  let ends = lines.get(from);
  if (ends === undefined) lines.set(from, (ends = new Map<GraphNode, Line>()));
  const line = ends.get(to);
  if (line === undefined) ends.set(to, { from, to, flows: [flow] });
  else line.flows.push(flow);
}

function* linesIn(lines: Lines): Generator<Line> {
  for (const ends of lines.values()) yield* ends.values();
}

/** Nodes in the order of their ids, each with its place: edges then sort by numbers. */
function placesOf(all: readonly Lines[]): ReadonlyMap<GraphNode, number> {
  const used = new Set<GraphNode>();
  for (const lines of all) for (const { from, to } of linesIn(lines)) used.add(from).add(to);
  const sorted = [...used].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return new Map(sorted.map((node, at) => [node, at]));
}

interface Drawn {
  readonly from: number;
  readonly to: number;
  readonly edge: GraphEdge;
}

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

const justHttp: readonly Protocol[] = ["http"];

type Places = ReadonlyMap<GraphNode, number>;

/** Draws the edges of one line; `beside` is what flows there without being a copy, `null` where the line itself is that. */
function drawing(
  known: KnownMesh,
  { measure, sight }: FlowIndex,
  places: Places,
  found: Drawn[],
): (line: Line, beside: readonly Flow[] | null) => void {
  return ({ from, to, flows }, beside) => {
    let predicted: Lock["predicted"] | undefined;
    const spoken = spokenIn(flows);
    for (const protocol of spoken) {
      if (beside?.some((flow) => flow[protocol] !== null) === true) continue;
      if (predicted === undefined) predicted = predictedBetween(known, from, to);
      const { traffic, seen }: Measured =
        spoken.length === 1 ? measure(flows) : measured(flows, sight, [protocol]);
      const lock = lockOf(seen, predicted);
      const edge: GraphEdge = {
        from: from.id,
        to: to.id,
        protocol,
        traffic,
        lock,
        mirrored: beside !== null,
      };
      found.push({ from: places.get(from) ?? 0, to: places.get(to) ?? 0, edge });
    }
  };
}

/** To a service as this caller would reach it; from a service to one of its workloads as a sidecar of its namespace would. */
function predictedBetween(known: KnownMesh, from: GraphNode, to: GraphNode): Lock["predicted"] {
  const service = known.serviceByKey.get((to.kind === "workload" ? from.key : to.key) ?? "");
  if (service === undefined) return null;
  if (to.kind === "workload") {
    return from.kind === "workload"
      ? null
      : predictedFor(known, anySidecarIn(known, service.namespace), service, to.key);
  }
  const side = sideOf(known, from);
  return side === null ? null : predictedFor(known, side, service, null);
}

function sideOf(known: KnownMesh, from: GraphNode): CallingSide | null {
  if (from.kind === "unknown") return stranger;
  return from.key === null ? null : (known.workloads.get(from.key) ?? null);
}
