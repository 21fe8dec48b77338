/** gateway.networking.k8s.io: routes and Gateways, whatever version they are served at. */
import type {
  BackendRef,
  GatewayApiGateway,
  GatewayApiRoute,
  GatewayApiRule,
  ParentRef,
} from "../../mesh/declared/gatewayApi.ts";
import type { Mirror } from "../../mesh/declared/routing.ts";
import { percent } from "../../mesh/units.ts";
import type { Field } from "./field.ts";
import { readGrpcMatch, readHttpRouteMatch } from "./gatewayApiMatch.ts";
import type { RawObject } from "./raw.ts";

const group = "gateway.networking.k8s.io";

export function readRoute(kind: GatewayApiRoute["kind"], { meta, spec, status }: RawObject): GatewayApiRoute {
  return {
    meta,
    kind,
    parents: spec.at("parentRefs").items().map(readParent),
    hostnames: spec.at("hostnames").texts(),
    rules: spec
      .at("rules")
      .items()
      .map((rule) => readRule(kind, rule)),
    accepted: readCondition(status, "Accepted"),
    resolvedRefs: readCondition(status, "ResolvedRefs"),
  };
}

function readRule(kind: GatewayApiRoute["kind"], rule: Field): GatewayApiRule {
  const readMatch = kind === "GRPCRoute" ? readGrpcMatch : readHttpRouteMatch;
  const filters = rule.at("filters").items();
  return {
    name: rule.at("name").nameOrNull(),
    matches: rule.at("matches").items().map(readMatch),
    backends: rule.at("backendRefs").items().map(readBackend),
    mirrors: filters.flatMap(readMirror),
    redirect: filters.some((filter) => filter.at("type").textOrNull() === "RequestRedirect"),
  };
}

function readParent(field: Field): ParentRef {
  return {
    group: field.at("group").textOrNull() ?? group,
    kind: field.at("kind").textOrNull() ?? "Gateway",
    namespace: field.at("namespace").nameOrNull(),
    name: field.at("name").text(),
    port: field.at("port").numberOrNull(),
    sectionName: field.at("sectionName").nameOrNull(),
  };
}

function readBackend(field: Field): BackendRef {
  return {
    group: field.at("group").textOrNull() ?? "",
    kind: field.at("kind").textOrNull() ?? "Service",
    namespace: field.at("namespace").nameOrNull(),
    name: field.at("name").text(),
    port: field.at("port").numberOrNull(),
    weight: field.at("weight").numberOrNull(),
  };
}

function readMirror(filter: Field, index: number): GatewayApiRule["mirrors"] {
  if (filter.at("type").textOrNull() !== "RequestMirror") return [];
  const mirror = filter.at("requestMirror");
  return [{ backend: readBackend(mirror.at("backendRef")), ...readMirrorPercent(mirror), at: index }];
}

/** `percent` and `fraction` exclude each other; neither is 100 (istio.md 3). */
function readMirrorPercent(mirror: Field): Pick<Mirror, "percent" | "percentField"> {
  const whole = mirror.at("percent").numberOrNull();
  if (whole !== null) return { percent: percent(whole), percentField: "percent" };
  const fraction = mirror.at("fraction");
  if (fraction.absent) return { percent: percent(100), percentField: null };
  const denominator = fraction.at("denominator").numberOr(100);
  if (denominator <= 0) throw fraction.at("denominator").wrong("above 0");
  return {
    percent: percent((fraction.at("numerator").number() / denominator) * 100),
    percentField: "fraction",
  };
}

/** True where every parent's controller says True, false where one says otherwise, `null` while none has spoken. */
function readCondition(status: Field, type: string): boolean | null {
  const said = status
    .at("parents")
    .items()
    .flatMap((parent) => parent.at("conditions").items())
    .filter((condition) => condition.at("type").textOrNull() === type)
    .map((condition) => condition.at("status").textOrNull() === "True");
  return said.length === 0 ? null : said.every(Boolean);
}

export function readGatewayApiGateway({ meta, spec }: RawObject): GatewayApiGateway {
  return {
    meta,
    className: spec.at("gatewayClassName").text(),
    listeners: spec
      .at("listeners")
      .items()
      .map((listener) => ({
        name: listener.at("name").textOrNull() ?? "",
        hostname: listener.at("hostname").nameOrNull(),
        port: listener.at("port").number(),
        protocol: listener.at("protocol").textOrNull() ?? "",
        ...readAdmits(listener.at("allowedRoutes").at("namespaces")),
      })),
    infrastructureLabels: spec.at("infrastructure").at("labels").labels(),
  };
}

type Listener = GatewayApiGateway["listeners"][number];

function readAdmits(namespaces: Field): Pick<Listener, "admits"> {
  const from = namespaces.at("from").textOrNull();
  if (from === null) return {};
  const selector = namespaces.at("selector");
  const isPlain = selector.at("matchExpressions").items().length === 0;
  return { admits: { from, labels: isPlain ? selector.at("matchLabels").labels() : null } };
}
