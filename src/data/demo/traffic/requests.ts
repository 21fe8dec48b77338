/** One HTTP or gRPC request on its way: faults, split, retries and timeouts at the client, the program and its calls at the server. */
import type { Answering } from "../scenarios/scenario.ts";
import { isDenied, refusalBy } from "./authorization.ts";
import { endpointFor } from "./balancing.ts";
import { healthy, noteAnswer } from "./breakers.ts";
import { outcomeOf } from "./istioMetrics.ts";
import type { SendPlan } from "./plan.ts";
import { work } from "./programs.ts";
import type { Known } from "./reportedEnds.ts";
import { isRetried } from "./retries.ts";
import { choose, type Reply, type Run } from "./run.ts";
import type { Node } from "./topology.ts";
import { carryToWaypoint } from "./waypointTransport.ts";
import type { Endpoint, Upstream } from "./upstreams.ts";

/** How a try, or the whole request, ended for the client's proxy. */
interface Ending extends Reply {
  /** "" when none; comma-joined. */
  readonly flag: string;
  readonly endpoint: Endpoint | null;
  readonly known: Known;
}

const untouched = { bytes: 0, endpoint: null, known: "nothing" } as const;

/** Sends one request as a plan has it, and reports it at the client. */
export function sendHttp(run: Run, plan: SendPlan, depth: number): Reply {
  const { client } = plan;
  const pod = run.pick(client.pods);
  const upstream = choose(run, plan.split);
  const fault = injected(run, plan);
  let ending: Ending;
  if (fault.code !== null) {
    ending = { ...untouched, code: fault.code, ms: fault.ms, flag: "FI" };
  } else {
    copyToMirrors(run, plan, depth);
    const tried = tryAll(run, plan, { pod, upstream, depth });
    ending = { ...tried, ms: tried.ms + fault.ms };
  }
  const flags = [ending.flag, fault.ms > 0 ? "DI" : ""].filter((flag) => flag !== "");
  report(run, plan, { ...ending, flag: inEnvoysOrder(flags) }, { pod, upstream });
  const { caller, request, protocol } = plan;
  if (caller !== undefined) {
    const carried = { caller, waypoint: client, pod, service: upstream.service };
    carryToWaypoint(run, carried, request.call, { protocol, code: ending.code, ms: ending.ms });
  }
  return ending;
}

/** A delay does not count against the timeout of the route, which starts when the request is sent on. */
function injected(run: Run, { fault }: SendPlan): { readonly ms: number; readonly code: number | null } {
  const { delay = null, abort = null } = fault ?? {};
  const isDelayed = delay !== null && run.random.chance(delay.percent / 100);
  const isAborted = abort !== null && run.random.chance(abort.percent / 100);
  return {
    ms: isDelayed ? delay.fixedDelay : 0,
    code: isAborted ? (abort.httpStatus ?? 503) : null,
  };
}

/** StreamInfo prints flags in the order of its bits. */
function inEnvoysOrder(flags: readonly string[]): string {
  const order = ["UH", "UT", "UF", "UC", "UO", "DI", "FI", "URX", "NC"];
  const single = flags.flatMap((flag) => flag.split(","));
  if (single.length === 0) return "-";
  return single.sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(",");
}

function report(
  run: Run,
  { client, caller, request, protocol }: SendPlan,
  ending: Ending,
  { pod, upstream }: { readonly pod: string; readonly upstream: Upstream },
): void {
  if (client.proxy === "none") return;
  const { endpoint, known } = ending;
  run.requests
    .source({ client, caller, pod, service: upstream.service, protocol, endpoint, known })
    .record(
      outcomeOf(protocol, ending.code, ending.flag),
      ending.ms,
      request.call.requestBytes,
      ending.bytes,
    );
  run.log({
    ...{ node: client, pod, request, path: request.call.path, protocol, endpoint, to: { upstream } },
    ...{ code: ending.code, flags: ending.flag, ms: ending.ms, sent: ending.bytes },
  });
}

interface Try {
  readonly pod: string;
  readonly upstream: Upstream;
  readonly depth: number;
}

/** All tries of one request: one, and as many again as the retry policy allows. */
function tryAll(run: Run, plan: SendPlan, first: Try): Ending {
  const { retries } = plan;
  let spent = 0;
  for (let attempt = 0; ; attempt += 1) {
    const left = plan.timeout === null ? Infinity : plan.timeout - spent;
    const budget = Math.min(left, retries.perTry ?? Infinity);
    const ending = tryOnce(run, plan, first, budget);
    spent += ending.ms;
    const isOver = spent >= (plan.timeout ?? Infinity);
    const again = !isOver && isRetried(retries, ending);
    if (!again) return { ...ending, ms: spent };
    if (attempt >= retries.attempts)
      return { ...ending, ms: spent, flag: inEnvoysOrder([...flagsOf(ending), "URX"]) };
    // Envoy's back-off begins at 25 ms, fully jittered.
    spent += run.random.next() * 25;
  }
}

const flagsOf = ({ flag }: Ending): readonly string[] => (flag === "" ? [] : [flag]);

function tryOnce(run: Run, plan: SendPlan, { pod, upstream, depth }: Try, budget: number): Ending {
  if (upstream.missing) return { ...untouched, code: plan.noCluster, ms: 0.5, flag: "NC" };
  if (upstream.outside !== null) return outsideAnswers(run, upstream.outside, budget);
  const state = run.breakers.stateOf(pod, upstream);
  const candidates = healthy(state, upstream, run.now);
  if (candidates.length === 0) return { ...untouched, code: 503, ms: 0.5, flag: "UH" };
  const endpoint = endpointFor(run, upstream, candidates, { ...plan, pod });
  const picked = { endpoint, known: "endpoint", bytes: 0 } as const;
  state.arrivals += 1;
  if (run.random.chance(state.blocking)) return { ...picked, code: 503, ms: 0.5, flag: "UO" };
  if (endpoint.broken !== null) {
    noteAnswer(state, upstream, endpoint.pod, { code: 503, at: run.now });
    const code = plan.client.proxy === "none" ? 0 : 503;
    return { ...picked, code, ms: 2 + run.random.next(), flag: endpoint.broken };
  }
  if (endpoint.node.proxy === "ambient" && isDenied(endpoint, plan.client, null)) {
    refuseInTunnel(run, plan.client, endpoint);
    noteAnswer(state, upstream, endpoint.pod, { code: 503, at: run.now });
    return { ...picked, code: 503, ms: 1 + run.random.next(), flag: "UF" };
  }
  const reply = serve(run, plan, endpoint, { budget, depth });
  const isLate = reply.ms > budget;
  state.served += 1;
  state.busyMs += Math.min(reply.ms, budget);
  noteAnswer(state, upstream, endpoint.pod, { code: isLate ? 504 : reply.code, at: run.now });
  if (isLate) return { ...picked, code: 504, ms: budget, flag: "UT" };
  return { ...reply, flag: "", endpoint, known: "all" };
}

function outsideAnswers(run: Run, outside: Answering, budget: number): Ending {
  const ms = run.latency(outside);
  if (ms > budget) return { ...untouched, code: 504, ms: budget, flag: "UT" };
  const code = run.random.chance(run.errorsOf(outside)) ? 500 : 200;
  return { ...untouched, code, ms, bytes: outside.responseBytes, flag: "" };
}

/** A mirror's copy is sent and forgotten: the client's proxy does not report it, the server's does (istio.md 4.5). */
function copyToMirrors(run: Run, plan: SendPlan, depth: number): void {
  for (const { upstream, chance } of plan.mirrors) {
    if (upstream.missing || upstream.endpoints.length === 0 || !run.random.chance(chance)) continue;
    const endpoint = run.pick(upstream.endpoints);
    if (endpoint.broken === null) serve(run, plan, endpoint, { budget: Infinity, depth });
  }
}

interface Serving {
  /** Milliseconds after which the client hangs up. */
  readonly budget: number;
  readonly depth: number;
}

/** The server's side: the program works, calls what it needs, and its proxy reports. */
function serve(
  run: Run,
  plan: Pick<SendPlan, "client" | "protocol" | "request" | "path">,
  endpoint: Endpoint,
  { budget, depth }: Serving,
): Reply {
  const { node } = endpoint;
  const { client, request, protocol } = plan;
  const refused = refusalBy(endpoint, client, { ...request, path: plan.path });
  const reply =
    refused !== null
      ? { ...refusal, code: refused.code }
      : work(run, node, { request, path: plan.path, depth });
  const hungUp = reply.ms > budget;
  const code = hungUp ? 0 : reply.code;
  const ms = Math.min(reply.ms, budget);
  if (node.proxy === "ambient") {
    const report = run.connections.destination({ client, endpoint, protocol: "tcp" });
    report.opened("-");
    report.closed("-", request.call.requestBytes, hungUp ? 0 : reply.bytes);
  } else if (node.proxy !== "none") {
    run.requests
      .destination({ client, endpoint, protocol })
      .record(
        outcomeOf(protocol, code, hungUp ? "DC" : "-"),
        ms,
        request.call.requestBytes,
        hungUp ? 0 : reply.bytes,
      );
    run.log({
      ...{ node, pod: endpoint.pod, request, path: plan.path, protocol, endpoint, to: "inbound", code, ms },
      ...{ flags: hungUp ? "DC" : "-", sent: hungUp ? 0 : reply.bytes },
      ...(refused === null ? {} : { details: refused.details }),
    });
  }
  if (refused === null) run.served(node, reply.code, reply.ms);
  return reply;
}

/** The server's ztunnel takes no such connection, and says why. */
function refuseInTunnel(run: Run, client: Node, endpoint: Endpoint): void {
  const report = run.connections.destination({ client, endpoint, protocol: "tcp" });
  report.opened("-");
  report.closed("DENY", 0, 0);
}

/** What the server's proxy answers by itself: without a flag, and with the reason in its access log alone. */
const refusal: Pick<Reply, "ms" | "bytes"> = { ms: 0.3, bytes: 19 };
