/** PeerAuthentication, AuthorizationPolicy, RequestAuthentication, Telemetry. */
import type {
  AuthorizationPolicy,
  MtlsMode,
  PeerAuthentication,
  PolicyCondition,
  PolicyLists,
  PolicyRule,
  RequestAuthentication,
  Telemetry,
} from "../../mesh/declared/security.ts";
import { percent } from "../../mesh/units.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";

const modes = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"] as const;
const actions = ["ALLOW", "DENY", "AUDIT", "CUSTOM"] as const;

function readMode(mtls: Field): MtlsMode | null {
  const mode = mtls.at("mode").oneOfOr(modes, "UNSET");
  return mode === "UNSET" ? null : mode;
}

export function readPeerAuthentication({ meta, spec }: RawObject): PeerAuthentication {
  const ports = spec.at("portLevelMtls").entries();
  return {
    meta,
    selector: spec.at("selector").at("matchLabels").labelsOrNull(),
    mode: readMode(spec.at("mtls")),
    portLevelMtls: Object.fromEntries(ports.map(([port, mtls]) => [port, readMode(mtls)])),
  };
}

export function readAuthorizationPolicy({ meta, spec }: RawObject): AuthorizationPolicy {
  return {
    meta,
    selector: spec.at("selector").at("matchLabels").labelsOrNull(),
    action: spec.at("action").oneOfOr(actions, "ALLOW"),
    rules: spec.at("rules").items().length,
    conditions: spec.at("rules").items().map(readRule),
    targets: readTargets(spec),
    identities: spec.at("rules").items().flatMap(readIdentities),
    methods: spec.at("rules").items().flatMap(readMethods),
  };
}

export function readRequestAuthentication({ meta, spec }: RawObject): RequestAuthentication {
  return {
    meta,
    selector: spec.at("selector").at("matchLabels").labelsOrNull(),
    targets: readTargets(spec),
    issuers: spec
      .at("jwtRules")
      .items()
      .map((rule) => rule.at("issuer").text()),
  };
}

function readTargets(spec: Field): AuthorizationPolicy["targets"] {
  return [...spec.at("targetRefs").items(), ...optional(spec.at("targetRef"))].map((target) => ({
    kind: target.at("kind").text(),
    name: target.at("name").text(),
  }));
}

const optional = (field: Field): readonly Field[] => (field.absent ? [] : [field]);

function readRule(rule: Field): PolicyRule {
  return {
    from: rule
      .at("from")
      .items()
      .map((from) => readLists(from.at("source"))),
    to: rule
      .at("to")
      .items()
      .map((to) => readLists(to.at("operation"))),
    when: rule
      .at("when")
      .items()
      .map((when) => ({
        key: when.at("key").text(),
        values: when.at("values").texts(),
        notValues: when.at("notValues").texts(),
      })),
  };
}

function readLists(field: Field): PolicyLists {
  return Object.fromEntries(field.entries().map(([name, values]) => [name, values.texts()]));
}

const identityFields = [
  "principals",
  "notPrincipals",
  "namespaces",
  "notNamespaces",
  "serviceAccounts",
  "notServiceAccounts",
] as const;

/** Attributes of a `when` that are empty without mTLS (security.istio.io, AuthorizationPolicy conditions). */
const identityKeys = new Set([
  "source.principal",
  "source.namespace",
  "source.serviceAccount",
  "connection.sni",
]);

function readIdentities(rule: Field): readonly PolicyCondition[] {
  const sources = rule
    .at("from")
    .items()
    .flatMap((from) => identityFields.flatMap((field) => readCondition(from.at("source"), field)));
  const conditions = rule
    .at("when")
    .items()
    .filter((when) => identityKeys.has(when.at("key").textOrNull() ?? ""))
    .map((when) => ({
      path: when.path,
      field: when.at("key").text(),
      values: [...when.at("values").texts(), ...when.at("notValues").texts()],
    }));
  return [...sources, ...conditions];
}

function readMethods(rule: Field): readonly PolicyCondition[] {
  const operations = rule.at("to").items();
  return operations.flatMap((to) =>
    ["methods", "notMethods"].flatMap((field) => readCondition(to.at("operation"), field)),
  );
}

function readCondition(of: Field, field: string): readonly PolicyCondition[] {
  const values = of.at(field);
  return values.absent ? [] : [{ path: values.path, field, values: values.texts() }];
}

/** Several accessLogging entries are told as one: switched off only where each of them is. */
export function readTelemetry({ meta, spec }: RawObject): Telemetry {
  const logging = spec.at("accessLogging").items();
  const providers = logging.flatMap((entry) =>
    entry
      .at("providers")
      .items()
      .map((item) => item.at("name").text()),
  );
  return {
    meta,
    selector: spec.at("selector").at("matchLabels").labelsOrNull(),
    accessLogging:
      logging.length === 0
        ? null
        : {
            disabled: logging.every((entry) => entry.at("disabled").flag()),
            providers: [...new Set(providers)],
          },
    tracing: readTracing(spec.at("tracing").items()),
  };
}

/** Istio takes one entry of the list and no more; of several the first that speaks is read here. */
function readTracing(entries: readonly Field[]): Telemetry["tracing"] {
  if (entries.length === 0) return null;
  const sampling = entries.map((one) => one.at("randomSamplingPercentage").numberOrNull());
  const found = sampling.find((one) => one !== null) ?? null;
  const disabled = entries.map((one) => one.at("disableSpanReporting")).find((one) => !one.absent);
  return { sampling: found === null ? null : percent(found), disabled: disabled?.flag() ?? null };
}
