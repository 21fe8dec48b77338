/** TCP: connections are counted when they open and when they end; what is inside is nobody's business. */
import { isDenied } from "./authorization.ts";
import { endpointFor } from "./balancing.ts";
import { healthy } from "./breakers.ts";
import type { ConnectionReport } from "./istioMetrics.ts";
import type { ConnectPlan } from "./plan.ts";
import { work } from "./programs.ts";
import { isHttp } from "./protocols.ts";
import { choose, type Reply, type Run } from "./run.ts";
import type { Endpoint, Upstream } from "./upstreams.ts";
import { carryToWaypoint } from "./waypointTransport.ts";

const fails: Reply = { code: 0, ms: 2, bytes: 0 };

/** One connection as a plan has it. The program only sees whether it works. */
export function openConnection(run: Run, plan: ConnectPlan, depth: number): Reply {
  const { client } = plan;
  const pod = run.pick(client.pods);
  if (plan.split.length === 0) return fails;
  const upstream = choose(run, plan.split);
  const place = { plan, pod, upstream };
  const { caller } = plan;
  if (caller !== undefined)
    carryToWaypoint(run, { caller, waypoint: client, pod, service: upstream.service }, plan.request.call);
  if (plan.refused !== null) return refuse(run, place, null, plan.refused);
  if (upstream.missing) return refuse(run, place, null, "NC");
  if (upstream.outside !== null) {
    keepOpen(run, place, null, [sourceReport(run, place, null)]);
    return { code: 200, ms: run.latency(upstream.outside), bytes: upstream.outside.responseBytes };
  }
  const state = run.breakers.stateOf(pod, upstream);
  const candidates = healthy(state, upstream, run.now);
  if (candidates.length === 0) return refuse(run, place, null, "UH");
  const endpoint = endpointFor(run, upstream, candidates, { ...plan, pod });
  state.arrivals += 1;
  if (run.random.chance(state.blocking)) return refuse(run, place, endpoint, "UO");
  // TCP has no second try: the handshake fails, or the server cuts the plaintext off.
  if (endpoint.broken !== null) return refuse(run, place, endpoint, endpoint.broken);
  // The server's proxy takes the connection, and closes it before a byte has come through.
  if (isDenied(endpoint, client, null)) return cutOff(run, place, endpoint);
  state.served += 1;
  state.busyMs += lifetime(plan);
  const server = run.connections.destination({ client, endpoint, protocol: "tcp" });
  keepOpen(run, place, endpoint, [
    sourceReport(run, place, endpoint),
    ...(endpoint.node.proxy === "none" ? [] : [server]),
  ]);
  return answerInside(run, plan, endpoint, depth);
}

interface Place {
  readonly plan: ConnectPlan;
  readonly pod: string;
  readonly upstream: Upstream;
}

function sourceReport(run: Run, { plan, pod, upstream }: Place, endpoint: Endpoint | null): ConnectionReport {
  const { client, caller } = plan;
  if (client.proxy === "none") return nobody;
  // Proxies introduce themselves on a TCP connection only inside mTLS, which carries Istio's ALPN.
  const known = endpoint === null ? "nothing" : endpoint.security === "mutual_tls" ? "all" : "endpoint";
  const end = { client, caller, pod, service: upstream.service, endpoint, known } as const;
  return run.connections.source({ ...end, protocol: "tcp" });
}

/** No proxy on this side. */
const nobody: ConnectionReport = { opened: () => undefined, closed: () => undefined };

function refuse(run: Run, place: Place, endpoint: Endpoint | null, flag: string): Reply {
  const report = sourceReport(run, place, endpoint);
  report.opened(flag);
  report.closed(flag, 0, 0);
  note(run, place, endpoint, { flags: flag, ms: 0, sent: 0 });
  return fails;
}

function cutOff(run: Run, place: Place, endpoint: Endpoint): Reply {
  const { client } = place.plan;
  const { proxy } = endpoint.node;
  for (const [at, report] of [
    sourceReport(run, place, endpoint),
    ...(proxy === "none" ? [] : [run.connections.destination({ client, endpoint, protocol: "tcp" })]),
  ].entries()) {
    report.opened("-");
    // ztunnel says who refused; at the other end the connection just ends.
    report.closed(proxy === "ambient" && at > 0 ? "DENY" : "-", 0, 0);
  }
  note(run, place, endpoint, { flags: "-", ms: 0, sent: 0 });
  return fails;
}

/** Requests over a port that is declared as TCP: one connection for each. */
const shortLived = 1000;

function lifetime({ request }: ConnectPlan): number {
  return request.call.tcp?.lasts ?? shortLived;
}

/** Both proxies write a connection down when it has ended. */
function note(
  run: Run,
  { plan, pod, upstream }: Place,
  endpoint: Endpoint | null,
  ended: { readonly flags: string; readonly ms: number; readonly sent: number },
): void {
  const { client, request } = plan;
  const said = { request, path: "", protocol: "tcp", code: 0, endpoint, ...ended } as const;
  run.log({ node: client, pod, to: { upstream }, ...said });
  if (endpoint !== null && ended.flags === "-")
    run.log({ node: endpoint.node, pod: endpoint.pod, to: "inbound", ...said });
}

function keepOpen(
  run: Run,
  place: Place,
  endpoint: Endpoint | null,
  reports: readonly ConnectionReport[],
): void {
  const { plan } = place;
  const { tcp, requestBytes } = plan.request.call;
  for (const report of reports) report.opened("-");
  run.open({
    until: run.now + lifetime(plan),
    end: () => {
      for (const report of reports) {
        report.closed("-", tcp?.toServer ?? requestBytes, tcp?.toClient ?? 1500);
      }
      note(run, place, endpoint, { flags: "-", ms: lifetime(plan), sent: tcp?.toClient ?? 1500 });
    },
  });
}

/** A program that speaks HTTP through a TCP port is served all the same; only the metrics do not see requests. */
function answerInside(run: Run, plan: ConnectPlan, { node }: Endpoint, depth: number): Reply {
  const { request } = plan;
  if (!isHttp(request.call.speaks)) return { code: 200, ms: 1, bytes: 0 };
  return work(run, node, { request, path: request.call.path, depth });
}
