/** What istiod's validating webhook says of objects, in its own words (istio.md 2.8; pkg/config/validation/validation.go). */
import type { Json } from "../../mesh/json.ts";
import { deniedBy, type Admission } from "../kube/admission.ts";
import { fieldsAt, listAt, numberAt, objectAt, textAt, textsOrNull } from "../kube/fields.ts";
import type { KubeObject } from "../kube/objects.ts";

const webhook = "rev.validation.istio.io";

type Say = (object: KubeObject) => readonly string[];

/** Refusals by kind; what is not here istiod takes, or nobody tries it in this mesh. */
const refusals: Readonly<Record<string, Say>> = {
  VirtualService: (object) => [...hostErrors(object), ...ruleErrors(object)],
  PeerAuthentication: (object) => {
    const isWide = objectAt(object, "spec", "selector") === null;
    const ports = Object.keys(fieldsAt(object, "spec", "portLevelMtls"));
    return isWide && ports.length > 0
      ? ["mesh/namespace peer authentication cannot have port level mTLS"]
      : [];
  },
};

/** Asked for networking.istio.io and security.istio.io; a deletion is nobody's business. */
export const istioWebhook: Admission = ({ operation, kind, object }) => {
  if (operation === "DELETE" || object === null || !kind.group.endsWith(".istio.io")) {
    return { denied: null, warnings: [] };
  }
  const errors = refusals[kind.kind]?.(object) ?? [];
  const denied =
    errors.length === 0 ? null : deniedBy(webhook, `configuration is invalid: ${inOneText(errors)}`);
  return { denied, warnings: kind.kind === "VirtualService" ? warningsOf(object) : [] };
};

/** As hashicorp's multierror joins them. */
function inOneText(errors: readonly string[]): string {
  const [only] = errors;
  if (only !== undefined && errors.length === 1) return only;
  return `${errors.length} errors occurred:\n${errors.map((error) => `\t* ${error}\n`).join("")}\n`;
}

function hostErrors(object: KubeObject): readonly string[] {
  const hosts = textsOrNull(object, "spec", "hosts") ?? [];
  const gateways = textsOrNull(object, "spec", "gateways") ?? [];
  const forSidecars = gateways.length === 0 || gateways.includes("mesh");
  const hasRules = ["http", "tcp", "tls"].some((protocol) => listAt(object, "spec", protocol).length > 0);
  const repeated = hosts.filter((host, index) => hosts.indexOf(host) < index);
  return [
    ...(forSidecars && hosts.includes("*")
      ? ["wildcard host * is not allowed for virtual services bound to the mesh gateway"]
      : []),
    ...repeated.map((host) => `duplicate hosts in virtual service: ${host} & ${host}`),
    ...(hasRules ? [] : ["http, tcp or tls must be provided in virtual service"]),
  ];
}

function ruleErrors(object: KubeObject): readonly string[] {
  const http = listAt(object, "spec", "http");
  const others = ["tcp", "tls"].flatMap((protocol) => listAt(object, "spec", protocol));
  const unmatched = listAt(object, "spec", "tls").filter((rule) => listAt(rule, "match").length === 0);
  return [
    ...http.flatMap((rule) => [...httpErrors(rule), ...weightErrors(rule)]),
    ...others.flatMap(weightErrors),
    ...unmatched.map(() => "TLS route must have at least one match condition"),
  ];
}

function httpErrors(rule: Json): readonly string[] {
  const has = (field: string): boolean => objectAt(rule, field) !== null;
  const routes = listAt(rule, "route").length > 0;
  const errors: string[] = [];
  if (!routes && !["redirect", "directResponse", "delegate"].some(has)) {
    errors.push("HTTP route, redirect or direct_response is required");
  }
  if (routes && has("redirect")) errors.push("HTTP route cannot contain both route and redirect");
  if (has("mirror") && listAt(rule, "mirrors").length > 0) {
    errors.push("HTTP route cannot contain both mirror and mirrors");
  }
  const percent = numberAt(rule, "mirrorPercentage", "value") ?? 0;
  if (percent > 100) {
    errors.push(`mirror_percentage must have a max value of 100 (it has ${percent.toFixed(6)})`);
  }
  return errors;
}

function weightErrors(rule: Json): readonly string[] {
  const route = listAt(rule, "route");
  const weights = route.map((to) => numberAt(to, "weight") ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return [
    ...route.flatMap((to) => (textAt(to, "destination", "host") === null ? ["destination is required"] : [])),
    ...weights.filter((weight) => weight < 0).map((weight) => `weight ${weight} < 0`),
    ...(route.length > 1 && total === 0 ? ["total destination weight = 0"] : []),
  ];
}

function warningsOf(object: KubeObject): readonly string[] {
  const http = listAt(object, "spec", "http");
  const early = http.flatMap((rule, index) =>
    index < http.length - 1 && listAt(rule, "match").length === 0 ? [index] : [],
  );
  return [
    ...early.map(
      (index) => `virtualService rule #${index + 1} not used (only the last rule can have no matches)`,
    ),
    ...http.flatMap((rule) =>
      numberAt(rule, "mirrorPercent") === null
        ? []
        : ['using deprecated setting "mirrorPercent", use "mirrorPercentage" instead'],
    ),
  ];
}
