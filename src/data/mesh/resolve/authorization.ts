/** AuthorizationPolicies: which of them judge a workload, and what they say of one request (security.istio.io, AuthorizationPolicy). */
import type { Labels, ResourceRef } from "../declared/meta.ts";
import type {
  AuthorizationPolicy,
  PolicyLists,
  PolicyRule,
  RequestAuthentication,
} from "../declared/security.ts";
import { hasLabels } from "./labels.ts";
import { onceFor } from "./once.ts";
import type { Registry } from "./registry.ts";

/**
 * The policies that the proxies of a workload enforce: those of its namespace and those of the root namespace, without a
 * selector or with one that its pods match. What is attached by targetRefs is enforced elsewhere, by a waypoint or gateway.
 */
export function policiesFor(
  { lists, settings }: Registry,
  namespace: string,
  labels: Labels,
): readonly AuthorizationPolicy[] {
  return selecting(byNamespace(lists.authorizationPolicies), [namespace, settings.rootNamespace], labels);
}

/** The same of what proves tokens: a proxy takes those of all of them (security.istio.io, RequestAuthentication). */
export function tokensFor(
  { lists, settings }: Registry,
  namespace: string,
  labels: Labels,
): readonly RequestAuthentication[] {
  const all = tokensByNamespace(lists.requestAuthentications);
  return selecting(all, [namespace, settings.rootNamespace], labels);
}

type Selecting = Pick<AuthorizationPolicy, "meta" | "selector" | "targets">;

function selecting<P extends Selecting>(
  policies: ReadonlyMap<string, readonly P[]>,
  places: readonly string[],
  labels: Labels,
): readonly P[] {
  return [...new Set(places)]
    .flatMap((place) => policies.get(place) ?? [])
    .filter(
      ({ selector, targets }) => targets.length === 0 && (selector === null || hasLabels(labels, selector)),
    );
}

const placeOf = ({ meta }: Selecting): string => meta.ref.namespace ?? "";
const byNamespace = onceFor((policies: readonly AuthorizationPolicy[]) => Map.groupBy(policies, placeOf));
const tokensByNamespace = onceFor((all: readonly RequestAuthentication[]) => Map.groupBy(all, placeOf));

/** What a targetRef names: in the namespace of its policy, but for a GatewayClass. */
export interface Attached {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What is attached to one of these: enforced by the proxy that stands for them. */
export function attachedTo<P extends Selecting>(
  policies: readonly P[],
  stands: (target: Attached) => boolean,
): readonly P[] {
  return policies.filter((policy) =>
    policy.targets.some(({ kind, name }) => stands({ kind, name, namespace: placeOf(policy) })),
  );
}

/** What a server's proxy knows of a request, or of a connection. */
export interface Judged {
  /** Identity of the caller without `spiffe://`; `null`: no mTLS, nobody knows. */
  readonly principal: string | null;
  /** Of the container. */
  readonly port: number;
  /** `null`: a TCP connection. */
  readonly request: {
    readonly host: string;
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Of a token that was found valid, by the keys that conditions use (`request.auth.claims[iss]`); empty without one. */
    readonly claims: Readonly<Record<string, string>>;
  } | null;
}

/** `by`: the DENY policy, or `null` where ALLOW policies exist and none of them takes the request. */
export type Judgement =
  { readonly is: "allowed" } | { readonly is: "denied"; readonly by: ResourceRef | null };

const allowed: Judgement = { is: "allowed" };

/** DENY first, then ALLOW: without any ALLOW policy everything passes. CUSTOM asks somebody outside, and AUDIT decides nothing. */
export function judge(policies: readonly AuthorizationPolicy[], judged: Judged): Judgement {
  const denying = policies.find((policy) => policy.action === "DENY" && takes(policy, judged));
  if (denying !== undefined) return { is: "denied", by: denying.meta.ref };
  const allowing = policies.filter(({ action }) => action === "ALLOW");
  if (allowing.length === 0 || allowing.some((policy) => takes(policy, judged))) return allowed;
  return { is: "denied", by: null };
}

/** A policy without rules takes nothing; a rule without conditions takes everything. */
function takes({ conditions, action }: AuthorizationPolicy, judged: Judged): boolean {
  return conditions.some((rule) => {
    if (judged.request !== null) return ruleTakes(rule, judged);
    // On a TCP port a DENY rule loses what only HTTP has; an ALLOW rule that has any is ignored (istio.io, "Authorization for TCP traffic").
    if (action === "DENY") return ruleTakes(withoutHttp(rule), judged);
    return !asksHttp(rule) && ruleTakes(rule, judged);
  });
}

function ruleTakes({ from, to, when }: PolicyRule, judged: Judged): boolean {
  return (
    (from.length === 0 || from.some((source) => listsTake(source, judged))) &&
    (to.length === 0 || to.some((operation) => listsTake(operation, judged))) &&
    when.every(({ key, values, notValues }) => {
      const value = valueOf(key, judged);
      const isOne = values.length === 0 || (value !== null && values.some((one) => matches(one, value)));
      return isOne && !notValues.some((one) => value !== null && matches(one, value));
    })
  );
}

function listsTake(lists: PolicyLists, judged: Judged): boolean {
  return Object.entries(lists).every(([field, values]) => {
    if (values.length === 0) return true;
    const isNot = field.startsWith("not");
    const name = isNot ? field.charAt(3).toLowerCase() + field.slice(4) : field;
    const value = valueOf(attributes[name] ?? name, judged);
    const found = value !== null && values.some((one) => matches(one, value));
    return isNot ? !found : found;
  });
}

/** Fields of sources and operations, by the key that a condition has for the same. */
const attributes: Readonly<Record<string, string>> = {
  principals: "source.principal",
  namespaces: "source.namespace",
  serviceAccounts: "source.serviceAccount",
  requestPrincipals: "request.auth.principal",
  hosts: "request.host",
  methods: "request.method",
  paths: "request.path",
  ports: "destination.port",
};

/**
 * Whether tokens are asked for: `required` where nothing without one is let in, whatever else it has: an ALLOW policy, all of whose rules ask for the
 * principal or a claim, or a DENY rule for whatever has none. `some`: rules ask, and others let in without.
 */
export function tokenDemand(policies: readonly AuthorizationPolicy[]): "required" | "some" | "none" {
  const allowing = policies.filter(({ action }) => action === "ALLOW");
  const rules = allowing.flatMap(({ conditions }) => conditions);
  const denying = policies.filter(({ action }) => action === "DENY").flatMap(({ conditions }) => conditions);
  const isClosed = allowing.length > 0 && rules.length > 0 && rules.every(asksToken);
  if (isClosed || denying.some(refusesTokenless)) return "required";
  return [...rules, ...denying].some((rule) => asksToken(rule) || turnsAwayTokenless(rule)) ? "some" : "none";
}

/** Does a policy say anything of tokens? */
export const namesTokens = ({ conditions }: AuthorizationPolicy): boolean =>
  conditions.some((rule) => asksToken(rule) || turnsAwayTokenless(rule));

const isTokenKey = (key: string): boolean => key.startsWith("request.auth.");

/** Takes nothing without a token: every alternative of `from`, or some `when`, compares with what only a token has. */
const asksToken = ({ from, when }: PolicyRule): boolean =>
  (from.length > 0 && from.every((source) => (source["requestPrincipals"] ?? []).length > 0)) ||
  when.some(({ key, values }) => isTokenKey(key) && values.length > 0);

const turnsAwayTokenless = ({ from, when }: PolicyRule): boolean =>
  from.some((source) => (source["notRequestPrincipals"] ?? []).includes("*")) ||
  when.some(({ key, notValues }) => key === "request.auth.principal" && notValues.includes("*"));

/** The same, and of nothing else. */
const refusesTokenless = (rule: PolicyRule): boolean =>
  rule.to.length === 0 &&
  ((rule.when.length === 0 &&
    rule.from.some(
      (source) => Object.keys(source).length === 1 && (source["notRequestPrincipals"] ?? []).includes("*"),
    )) ||
    (rule.from.length === 0 && rule.when.length === 1 && turnsAwayTokenless(rule)));

/** What ztunnel makes of a policy that asks for more than it sees: `refuses` who should come in, or more than it says. */
export function asksLayer7({ conditions }: AuthorizationPolicy): boolean {
  return conditions.some(asksHttp);
}

const httpOnly = new Set(["requestPrincipals", "remoteIpBlocks", "hosts", "methods", "paths"]);
const isHttpField = (field: string): boolean =>
  httpOnly.has(field) || httpOnly.has(field.replace(/^not(.)/, (_all, first: string) => first.toLowerCase()));

function asksHttp({ from, to, when }: PolicyRule): boolean {
  return (
    [...from, ...to].some((lists) => Object.keys(lists).some(isHttpField)) ||
    when.some(({ key }) => key.startsWith("request."))
  );
}

function withoutHttp({ from, to, when }: PolicyRule): PolicyRule {
  const kept = (lists: PolicyLists): PolicyLists =>
    Object.fromEntries(Object.entries(lists).filter(([field]) => !isHttpField(field)));
  return {
    from: from.map(kept),
    to: to.map(kept),
    when: when.filter(({ key }) => !key.startsWith("request.")),
  };
}

/** What the condition `key` compares with; `null`: absent, or an address, which is not known here. */
function valueOf(key: string, { principal, port, request }: Judged): string | null {
  if (key.startsWith("source.")) return ofCaller(key, principal);
  if (key === "destination.port") return String(port);
  if (request === null) return null;
  const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
  if (header !== undefined) return request.headers[header.toLowerCase()] ?? null;
  const known: Readonly<Record<string, string | undefined>> = {
    "request.host": request.host,
    "request.method": request.method,
    "request.path": request.path.split("?")[0],
  };
  return known[key] ?? request.claims[key] ?? null;
}

/** A SPIFFE id says namespace and account. */
function ofCaller(key: string, principal: string | null): string | null {
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(principal ?? "") ?? [];
  if (key === "source.principal") return principal;
  if (key === "source.namespace") return namespace ?? null;
  if (key !== "source.serviceAccount" || namespace === undefined) return null;
  return `${namespace}/${account ?? ""}`;
}

/** Exact, `prefix*`, `*suffix`, or `*` for any value; in paths `{*}` is one segment and `{**}` any number of them. */
function matches(pattern: string, value: string): boolean {
  if (pattern === "*") return value !== "";
  if (pattern.includes("{*")) return template(pattern).test(value);
  if (pattern.endsWith("*")) return value.startsWith(pattern.slice(0, -1));
  return pattern.startsWith("*") ? value.endsWith(pattern.slice(1)) : value === pattern;
}

function template(pattern: string): RegExp {
  const parts = pattern.split(/(\{\*\*?\})/).map((part) => {
    if (part === "{**}") return ".*";
    return part === "{*}" ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}
