/** What manifests take for granted and do not hold: the apps behind routes, the pods of gateways, a gateway. */
import { declaredFromManifests } from "../../kubernetes/parse/manifests.ts";
import type { DeclaredLists } from "../../mesh/declared/declared.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import { hasLabels } from "../../mesh/resolve/labels.ts";
import { resolveHost } from "../../mesh/resolve/hosts.ts";
import type { Manifest } from "../kube/objects.ts";
import { custom, kubeGateway, service, workload } from "../scenarios/objects.ts";
import { wantedServices, type Wanted } from "./wantedServices.ts";

const ingress: Labels = { app: "istio-ingressgateway", istio: "ingressgateway" };

/**
 * Objects that are added so that these manifests can be seen at work. Nothing is added beside its like: where there are Gateways, a missing one is a fault, and where
 * a namespace has workloads, a Service without pods is one.
 */
export function madeUpFor(manifests: readonly Manifest[]): readonly Manifest[] {
  const lists = listsOf(manifests);
  const apps = wantedServices(lists).flatMap((wanted) => appOf(wanted, lists));
  return [...apps, ...podsFor(lists), ...gatewaysFor(lists)];
}

export function listsOf(manifests: readonly Manifest[]): DeclaredLists {
  return declaredFromManifests(manifests, "default");
}

function appOf({ namespace, name, ports, subsets }: Wanted, lists: DeclaredLists): readonly Manifest[] {
  const host = `${name}.${namespace}.svc.cluster.local`;
  const rules = lists.destinationRules.filter(
    (rule) => resolveHost(rule.host, rule.meta.ref.namespace ?? "") === host,
  );
  const defined = new Map(
    rules.flatMap((rule) => rule.subsets.map((subset) => [subset.name, subset.labels] as const)),
  );
  const versions = new Map<string, Labels>(
    [...new Set([...subsets, ...defined.keys()])].map((subset) => [
      subset,
      defined.get(subset) ?? { version: subset },
    ]),
  );
  const rule = custom("DestinationRule", {
    namespace,
    name,
    spec: { host: name, subsets: subsets.map((subset) => ({ name: subset, labels: { version: subset } })) },
  });
  return [
    service({
      namespace,
      name,
      labels: { app: name },
      selector: { app: name },
      ports: ports.map(({ port, protocol }) => ({ name: `${protocol}-${port}`, port, targetPort: port })),
    }),
    ...workloadsOf(namespace, name, { app: name }, versions),
    ...(subsets.length > 0 && rules.length === 0 ? [rule] : []),
  ];
}

/** One Deployment for each version, by its labels. */
function workloadsOf(
  namespace: string,
  name: string,
  selector: Labels,
  versions: ReadonlyMap<string, Labels>,
): readonly Manifest[] {
  const all = versions.size === 0 ? new Map<string, Labels>([["", { version: "v1" }]]) : versions;
  return [...all].map(([version, labels]) =>
    workload({
      namespace,
      name: version === "" ? name : `${name}-${version.toLowerCase()}`,
      labels: { ...selector, ...labels },
      replicas: 1,
      image: "made-up",
      port: 8080,
      serviceAccount: "default",
    }),
  );
}

/** Pods of Services in namespaces where no file has any. */
function podsFor(lists: DeclaredLists): readonly Manifest[] {
  const peopled = new Set(lists.workloads.map(({ meta }) => meta.ref.namespace));
  return lists.services.flatMap(({ meta, selector }) => {
    const { namespace, name } = meta.ref;
    if (namespace === null || selector === null || peopled.has(namespace)) return [];
    const host = `${name}.${namespace}.svc.cluster.local`;
    const subsets = lists.destinationRules
      .filter((rule) => resolveHost(rule.host, rule.meta.ref.namespace ?? "") === host)
      .flatMap((rule) => rule.subsets.map((subset) => [subset.name, subset.labels] as const));
    return workloadsOf(namespace, name, selector, new Map(subsets));
  });
}

function gatewaysFor(lists: DeclaredLists): readonly Manifest[] {
  return [...gatewayPods(lists), ...istioGateways(lists), ...kubeGateways(lists)];
}

/** Pods for selectors that no workload answers: a gateway that was installed under another name. */
function gatewayPods(lists: DeclaredLists): readonly Manifest[] {
  const templates = [ingress, ...lists.workloads.map(({ template }) => template.labels)];
  const lonely = lists.gateways
    .map(({ selector }) => selector)
    .filter(
      (selector) =>
        Object.keys(selector).length > 0 && !templates.some((labels) => hasLabels(labels, selector)),
    );
  const unique = new Map(
    lonely.map((selector) => [selector["istio"] ?? Object.values(selector)[0] ?? "", selector]),
  );
  return [...unique].map(([name, selector]) =>
    workload({
      namespace: "istio-system",
      name: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) ? name : "gateway",
      labels: { ...selector, "sidecar.istio.io/inject": "false" },
      selects: Object.keys(selector),
      replicas: 1,
      image: "made-up",
      port: 8080,
      serviceAccount: "default",
    }),
  );
}

function istioGateways(lists: DeclaredLists): readonly Manifest[] {
  if (lists.gateways.length > 0) return [];
  const named = lists.virtualServices.flatMap(({ meta, gateways, tcp }) =>
    (gateways ?? []).flatMap((written) => {
      if (written === "mesh") return [];
      const [name = "", namespace = meta.ref.namespace ?? "default"] = written.split("/").reverse();
      const port = tcp.flatMap(({ matches }) => matches).find((match) => match.port !== null)?.port ?? null;
      return [{ name, namespace: namespace === "." ? (meta.ref.namespace ?? "default") : namespace, port }];
    }),
  );
  const unique = new Map(named.map((one) => [`${one.namespace}/${one.name}`, one]));
  return [...unique.values()].map(({ name, namespace, port }) => {
    const http = { port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] };
    const tcp = port === null ? [] : [{ port: { number: port, name: "tcp", protocol: "TCP" }, hosts: ["*"] }];
    return custom("Gateway", {
      namespace,
      name,
      spec: { selector: { istio: "ingressgateway" }, servers: [http, ...tcp] },
    });
  });
}

function kubeGateways(lists: DeclaredLists): readonly Manifest[] {
  if (lists.gatewayApiGateways.length > 0) return [];
  const named = lists.gatewayApiRoutes.flatMap(({ meta, kind, parents }) =>
    parents
      .filter((parent) => parent.kind === "Gateway" && (kind === "HTTPRoute" || kind === "GRPCRoute"))
      .map((parent) => ({
        name: parent.name,
        namespace: parent.namespace ?? meta.ref.namespace ?? "default",
      })),
  );
  const unique = new Map(named.map((one) => [`${one.namespace}/${one.name}`, one]));
  return [...unique.values()].map(({ name, namespace }) =>
    kubeGateway(namespace, name, { name: "http", port: 80, protocol: "HTTP" }),
  );
}
