/** The VirtualService that Flagger generates for a Canary (pkg/router/istio.go). */
import type { Json } from "../../../mesh/json.ts";
import { fieldsAt, listAt, numberAt, objectAt, textAt } from "../../kube/fields.ts";
import { sameJson, type JsonObject, type KubeObject } from "../../kube/objects.ts";
import type { CanarySpec } from "./canaryObject.ts";
import type { CanaryStatus } from "./canaryStatus.ts";

/** What a route does with the requests: two weights of 100, and whether the canary gets copies of the primary's. */
export interface Routing {
  readonly primary: number;
  readonly canary: number;
  readonly mirrored: boolean;
}

/** Cookies of sessions, of this run and of the one before. */
export type Cookies = Pick<CanaryStatus, "sessionAffinityCookie" | "previousSessionAffinityCookie">;

export const allToPrimary: Routing = { primary: 100, canary: 0, mirrored: false };

const noCookies: Cookies = { sessionAffinityCookie: "", previousSessionAffinityCookie: "" };

/** The rule that keeps sessions where they are. */
const stickyRoute = "sticky-route";

/**
 * With `analysis.match` only those who match get the weights, everybody else stays on the primary, and nothing is mirrored and
 * no session kept: Flagger writes these two rules over all others.
 */
export function generatedRoutes(
  spec: CanarySpec,
  routing: Routing,
  cookies: Cookies = noCookies,
): JsonObject {
  return {
    gateways: spec.gateways ?? ["mesh"],
    hosts: spec.hosts ?? [spec.apex],
    http: spec.match.length > 0 ? matchedRules(spec, routing) : weightedRules(spec, routing, cookies),
  };
}

function destinationOf({ apex }: CanarySpec, side: "primary" | "canary", weight: number): JsonObject {
  return { destination: { host: `${apex}-${side}` }, weight };
}

function sidesOf(spec: CanarySpec, primary: number, canary: number): readonly JsonObject[] {
  return [destinationOf(spec, "primary", primary), destinationOf(spec, "canary", canary)];
}

/** The second rule has the primary's weight too, which says nothing where there is one destination. */
function matchedRules(spec: CanarySpec, { primary, canary }: Routing): Json {
  return [
    { match: spec.match, route: sidesOf(spec, primary, canary) },
    { route: [destinationOf(spec, "primary", primary)] },
  ];
}

function weightedRules(spec: CanarySpec, routing: Routing, cookies: Cookies): Json {
  const { primary, canary, mirrored } = routing;
  const weighted = { route: sidesOf(spec, primary, canary) };
  const rules = spec.sessions === null ? [weighted] : sessionRules(spec, routing, cookies);
  const [first, ...others] = rules;
  if (!mirrored) return rules;
  const percentage = spec.mirrorWeight > 0 ? { mirrorPercentage: { value: spec.mirrorWeight } } : {};
  return [{ ...first, mirror: { host: `${spec.apex}-canary` }, ...percentage }, ...others];
}

/** Whoever was answered by the canary gets a cookie and stays there; when it gets no more, the cookie is taken back. */
function sessionRules(
  spec: CanarySpec,
  { primary, canary }: Routing,
  cookies: Cookies,
): readonly JsonObject[] {
  const { sessionAffinityCookie: current, previousSessionAffinityCookie: previous } = cookies;
  const route = sidesOf(spec, primary, canary);
  if (canary > 0) {
    const cookie = `${current}; Max-Age=${spec.sessions?.maxAge ?? 0}`;
    const [stable = {}, candidate = {}] = route;
    return [
      { name: stickyRoute, match: [havingCookie(current)], route: sidesOf(spec, 0, 100) },
      { route: [stable, { ...candidate, ...settingCookie(cookie) }] },
    ];
  }
  if (previous === "") return [{ name: stickyRoute, route }, { route }];
  const forgotten = settingCookie(`${previous}; Max-Age=-1`);
  return [{ name: stickyRoute, match: [havingCookie(previous)], ...forgotten, route }, { route }];
}

function settingCookie(cookie: string): JsonObject {
  return { headers: { response: { add: { "Set-Cookie": cookie } } } };
}

function havingCookie(cookie: string): Json {
  const [name = "", value = ""] = cookie.split("=");
  return { headers: { Cookie: { regex: `.*${name}.*${value}.*` } } };
}

/** The cookies that belong to a routing: a run's begins with its first weight, and is the previous one after its last. */
export function cookiesFor(spec: CanarySpec, { canary }: Routing, before: Cookies, fresh: string): Cookies {
  if (spec.sessions === null || spec.match.length > 0) return before;
  const { sessionAffinityCookie: current, previousSessionAffinityCookie: previous } = before;
  if (canary === 0) {
    return {
      sessionAffinityCookie: "",
      previousSessionAffinityCookie: current === "" ? previous : current,
    };
  }
  const cookie = current === "" ? `${spec.sessions.cookieName}=${fresh}` : current;
  return { sessionAffinityCookie: cookie, previousSessionAffinityCookie: previous };
}

/** What the last rule that names the canary says now; `null` where none names both sides (`GetRoutes`). */
export function routingIn(route: KubeObject, { apex }: CanarySpec): Routing | null {
  const weightOf = (rule: Json | undefined, side: string): number | null => {
    const entry = listAt(rule, "route").find(
      (candidate) => textAt(candidate, "destination", "host") === `${apex}-${side}`,
    );
    return entry === undefined ? null : (numberAt(entry, "weight") ?? 0);
  };
  const rule = listAt(route, "spec", "http").findLast((one) => weightOf(one, "canary") !== null);
  const [primary, canary] = [weightOf(rule, "primary"), weightOf(rule, "canary")];
  if (primary === null || canary === null) return null;
  return { primary, canary, mirrored: objectAt(rule, "mirror") !== null };
}

/**
 * Whether somebody changed more than Flagger overlooks: route weights, mirror and mirrorPercentage, and all of what keeps
 * sessions (istio.md 7.1). It then puts its whole spec back, with everything on the primary.
 */
export function isForeign(route: KubeObject, spec: CanarySpec): boolean {
  const wanted = generatedRoutes({ ...spec, sessions: null }, allToPrimary);
  return !sameJson(overlooked(fieldsAt(route, "spec"), spec), overlooked(wanted, spec));
}

function overlooked(written: JsonObject, { sessions }: CanarySpec): Json {
  const ofSessions = sessions === null ? [] : ["headers"];
  const http = listAt(written, "http")
    .filter((rule) => sessions === null || textAt(rule, "name") !== stickyRoute)
    .map((rule) => ({
      ...without(rule, ["mirror", "mirrorPercentage"]),
      route: listAt(rule, "route").map((entry) => without(entry, ["weight", ...ofSessions])),
    }));
  return { ...written, http };
}

function without(value: Json, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fieldsAt(value)).filter(([field]) => !fields.includes(field)));
}
