/** Traffic that shows manifests at work: visits at their gateways, calls that containers speak of, and callers of the rest. */
import type { KubeService, KubeWorkload } from "../../mesh/declared/core.ts";
import type { DeclaredLists } from "../../mesh/declared/declared.ts";
import { serviceHost } from "../../mesh/resolve/hosts.ts";
import { hasLabels } from "../../mesh/resolve/labels.ts";
import { resolveHost } from "../../mesh/resolve/hosts.ts";
import { millis, perSecond, ratio } from "../../mesh/units.ts";
import type { Manifest } from "../kube/objects.ts";
import { answering, program, request } from "../scenarios/calls.ts";
import { workload } from "../scenarios/objects.ts";
import type { Answering, Behaviour, Call, Source } from "../scenarios/scenario.ts";
import { declaredOn } from "../traffic/protocols.ts";
import { mentionedCalls } from "./mentionedCalls.ts";
import { requestsFor } from "./requestsFor.ts";
import { visitsAtGateways } from "./visitsAtGateways.ts";

export interface Traffic {
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  readonly outside: Readonly<Record<string, Answering>>;
  readonly sources: readonly Source[];
  /** Callers that no manifest has. */
  readonly callers: readonly Manifest[];
}

/** Requests a second of a caller to one host, over all rules. */
const rate = 6;

/** @param lists of the manifests and what was made up for them, without the platform. */
export function guessedTraffic(lists: DeclaredLists, manifests: readonly Manifest[]): Traffic {
  const { services, workloads, serviceEntries } = lists;
  const mentions = mentionedCalls(manifests, services, workloads);
  const visits = visitsAtGateways(lists);
  const called = new Set([
    ...visits.reached,
    ...mentions.map(({ to }) => hostOf(to)),
    ...behindOthers(lists),
  ]);
  const callers = new Map<string, Manifest>();
  const callerIn = (namespace: string): string => {
    const idle = workloads.find((one) => one.meta.ref.namespace === namespace && !isServed(one, services));
    if (idle !== undefined) return `${namespace}/${idle.meta.ref.name}`;
    callers.set(namespace, caller(namespace));
    return `${namespace}/client`;
  };
  const inside = services
    .filter((service) => !called.has(hostOf(service)) && runs(service, workloads))
    .flatMap((service) => callsTo(service, callerIn(service.meta.ref.namespace ?? "default"), lists));
  const outward = serviceEntries.flatMap(({ meta, hosts, ports }) =>
    hosts.flatMap((host): readonly Source[] => {
      const [port] = ports;
      if (host.startsWith("*") || port === undefined) return [];
      const call = callOn({ name: port.name, protocol: port.protocol }, { host, port: port.number });
      return [sourceAt(callerIn(meta.ref.namespace ?? "default"), call, rate / 3)];
    }),
  );
  return {
    behaviours: behavioursOf(workloads, mentions),
    outside: Object.fromEntries(
      serviceEntries.flatMap(({ hosts }) => hosts.map((host) => [host, answering(60, 140)])),
    ),
    sources: [...visits.sources, ...inside, ...outward],
    callers: [...callers.values()],
  };
}

const hostOf = ({ meta }: KubeService): string => serviceHost(meta.ref.namespace ?? "default", meta.ref.name);

const isBehind = ({ meta, template }: KubeWorkload, service: KubeService): boolean =>
  service.selector !== null &&
  service.meta.ref.namespace === meta.ref.namespace &&
  hasLabels(template.labels, service.selector);

const isServed = (one: KubeWorkload, services: readonly KubeService[]): boolean =>
  services.some((service) => isBehind(one, service));

const runs = (service: KubeService, workloads: readonly KubeWorkload[]): boolean =>
  workloads.some((one) => isBehind(one, service));

/** Services that routes of other hosts send to: whoever calls those calls them. */
function behindOthers({ virtualServices, gatewayApiRoutes }: DeclaredLists): readonly string[] {
  const istio = virtualServices.flatMap(({ meta, hosts, http, tcp }) => {
    const resolved = (host: string): string => resolveHost(host, meta.ref.namespace ?? "");
    const own = hosts.map(resolved);
    return [...http, ...tcp]
      .flatMap(({ destinations }) => destinations.map(({ destination }) => resolved(destination.host)))
      .filter((host) => !own.includes(host));
  });
  const kube = gatewayApiRoutes.flatMap(({ meta, rules }) =>
    rules.flatMap(({ backends }) =>
      backends.map(({ namespace, name }) => serviceHost(namespace ?? meta.ref.namespace ?? "default", name)),
    ),
  );
  return [...istio, ...kube];
}

/** One source for each rule that the Service's route has for callers in the mesh. */
function callsTo(service: KubeService, from: string, { virtualServices }: DeclaredLists): readonly Source[] {
  const host = hostOf(service);
  const port = service.ports.find(({ transport }) => transport === "TCP");
  if (port === undefined) return [];
  const call = callOn(port, { host, port: port.port });
  const route = virtualServices.find(
    ({ meta, hosts, gateways, http }) =>
      http.length > 0 &&
      (gateways === null || gateways.includes("mesh")) &&
      hosts.some((written) => resolveHost(written, meta.ref.namespace ?? "") === host),
  );
  const isForAll = route === undefined || call.speaks === "tcp" || call.speaks === "tls";
  const asked = isForAll
    ? []
    : requestsFor(
        route.http,
        ({ gateways, sourceNamespace, sourceLabels }) =>
          (gateways === null || gateways.includes("mesh")) &&
          sourceNamespace === null &&
          Object.keys(sourceLabels).length === 0,
      );
  if (asked.length === 0) return [sourceAt(from, call, rate)];
  return asked.map((one) => sourceAt(from, { ...call, ...one }, rate / asked.length));
}

/** A line and its answer, once a second. */
const connection = { lasts: millis(1000), toServer: 400, toClient: 900 };

function callOn(
  port: Parameters<typeof declaredOn>[0],
  to: { readonly host: string; readonly port: number },
): Call {
  const said = declaredOn(port) ?? "http";
  const isGrpc = /^grpc/i.test(port.appProtocol ?? port.protocol ?? port.name);
  if (said === "http") return { ...request, ...to, speaks: isGrpc ? "grpc" : "http" };
  return { ...request, ...to, speaks: said, tcp: connection };
}

const sourceAt = (workload: string, call: Call, times: number): Source => ({
  at: { is: "workload", workload },
  rate: perSecond(times),
  swing: ratio(0.1),
  call,
});

const caller = (namespace: string): Manifest =>
  workload({
    namespace,
    name: "client",
    labels: { app: "client", version: "v1" },
    replicas: 1,
    image: "made-up",
    port: 8080,
    serviceAccount: "default",
  });

/** Each a little different, always the same by its name. */
function behavioursOf(
  workloads: readonly KubeWorkload[],
  mentions: ReturnType<typeof mentionedCalls>,
): Readonly<Record<string, Behaviour>> {
  return Object.fromEntries(
    workloads.map(({ meta }) => {
      const key = `${meta.ref.namespace ?? "default"}/${meta.ref.name}`;
      const p50 =
        8 + (Array.from(key, (letter) => letter.codePointAt(0) ?? 0).reduce((sum, one) => sum + one, 0) % 40);
      const calls = mentions
        .filter(({ from }) => from === key)
        .map(({ to, port }): Call => {
          const used = to.ports.find((one) => one.port === port);
          return { ...callOn(used ?? { name: "" }, { host: hostOf(to), port }), needed: false };
        });
      return [key, program(answering(p50, p50 * 3), ...calls)];
    }),
  );
}
