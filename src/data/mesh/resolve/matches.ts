import type { HttpMatch, L4Match, StringMatch } from "../declared/routing.ts";
import type { Client } from "./client.ts";
import { hasLabels, isEmpty } from "./labels.ts";
import type { ResolvedHttpRule } from "./resolvedRoute.ts";

/** One HTTP request as a proxy sees it. */
export interface HttpRequest {
  /** Path, with or without its query. */
  readonly uri: string;
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly queryParams: Readonly<Record<string, string>>;
  /** Of the service or of the gateway's listener. */
  readonly port: number;
}

/**
 * Can this entry apply to requests of this client at all?
 *
 * An HTTP entry with `gateways` looks at nothing else about the client (`sourceMatchHTTP` in
 * pilot/pkg/networking/core/route/route.go); a tcp or tls entry looks at everything (`matchTCP` in networkfilter.go).
 * The gateways must be resolved (`ns/name` or `mesh`).
 */
export function appliesTo(match: HttpMatch | L4Match, client: Client): boolean {
  const names = client.is === "gateway" ? client.gateways : ["mesh"];
  const named = namesGateways(match);
  const atGateway = !named || match.gateways?.some((name) => names.includes(name)) === true;
  if (named && !("sniHosts" in match)) return atGateway;
  const fromNamespace = match.sourceNamespace === null || match.sourceNamespace === client.namespace;
  return atGateway && fromNamespace && hasLabels(client.labels, match.sourceLabels);
}

const namesGateways = ({ gateways }: HttpMatch | L4Match): boolean =>
  gateways !== null && gateways.length > 0;

/** Is the entry for some clients only? */
export const narrows = (match: HttpMatch | L4Match): boolean =>
  namesGateways(match) || !isEmpty(match.sourceLabels) || match.sourceNamespace !== null;

/** Does this entry take every request (or connection) of every client? */
export function isCatchAll(match: HttpMatch | L4Match): boolean {
  return !narrows(match) && takesAll(match);
}

/** Does this entry take every request of the clients and ports that it applies to? (`IsCatchAllRoute` in route.go) */
export function takesAll(match: HttpMatch | L4Match): boolean {
  if (match.port !== null) return false;
  if ("sniHosts" in match)
    return match.destinationSubnets.length === 0 && match.sniHosts.every((h) => h === "*");
  const { uri } = match;
  if (uri !== null && !("prefix" in uri && uri.prefix === "/") && !("regex" in uri && uri.regex === ".*")) {
    return false;
  }
  return (
    match.scheme === null &&
    match.method === null &&
    match.authority === null &&
    [match.headers, match.withoutHeaders, match.queryParams].every((map) => Object.keys(map).length === 0)
  );
}

/**
 * Does the entry take this request of this client? Fields are AND-ed (istio.md 2.2).
 *
 * Regular expressions must match whole, as Envoy's RE2 does; one that JavaScript cannot read matches nothing.
 * @param prefixBySegment Gateway API's prefixes (see ResolvedHttpRule).
 */
export function matchesRequest(
  match: HttpMatch,
  request: HttpRequest,
  client: Client,
  prefixBySegment = false,
): boolean {
  if (!appliesTo(match, client)) return false;
  if (match.port !== null && match.port !== request.port) return false;
  return (
    uriMatches(match, request.uri, prefixBySegment) &&
    textMatches(match.scheme, request.scheme) &&
    textMatches(match.method, request.method) &&
    textMatches(match.authority, request.authority) &&
    Object.entries(match.headers).every(([name, m]) =>
      fieldMatches(m, request.headers[name.toLowerCase()]),
    ) &&
    !Object.entries(match.withoutHeaders).some(([name, m]) =>
      fieldMatches(m, request.headers[name.toLowerCase()]),
    ) &&
    Object.entries(match.queryParams).every(([name, m]) => fieldMatches(m, request.queryParams[name]))
  );
}

/** The first rule that takes the request; `null`: none does, which is 404 NR. A rule without matches takes all. */
export function firstMatching(
  rules: readonly ResolvedHttpRule[],
  request: HttpRequest,
  client: Client,
): ResolvedHttpRule | null {
  return (
    rules.find(
      ({ matches, prefixBySegment }) =>
        matches.length === 0 ||
        matches.some((match) => matchesRequest(match, request, client, prefixBySegment)),
    ) ?? null
  );
}

function uriMatches({ uri, ignoreUriCase }: HttpMatch, written: string, bySegment: boolean): boolean {
  if (uri === null) return true;
  const path = written.split("?", 1)[0] ?? "";
  // Envoy's case-insensitive matching knows exact and prefix only.
  const fold = (text: string): string => (ignoreUriCase ? text.toLowerCase() : text);
  if ("exact" in uri) return fold(path) === fold(uri.exact);
  if ("regex" in uri) return regexMatches(uri.regex, path);
  if ("present" in uri) return true;
  const prefix = fold(bySegment ? uri.prefix.replace(/\/+$/u, "") : uri.prefix);
  if (!fold(path).startsWith(prefix)) return false;
  return !bySegment || path.length === prefix.length || path[prefix.length] === "/";
}

function fieldMatches(match: StringMatch, value: string | undefined): boolean {
  return value !== undefined && textMatches(match, value);
}

function textMatches(match: StringMatch | null, value: string): boolean {
  if (match === null || "present" in match) return true;
  if ("exact" in match) return match.exact === value;
  if ("prefix" in match) return value.startsWith(match.prefix);
  return regexMatches(match.regex, value);
}

/** RE2's inline flag for case; JavaScript has it as an option only. */
const IGNORE_CASE = "(?i)";

function regexMatches(regex: string, value: string): boolean {
  const insensitive = regex.startsWith(IGNORE_CASE);
  const source = insensitive ? regex.slice(IGNORE_CASE.length) : regex;
  try {
    return new RegExp(`^(?:${source})$`, insensitive ? "iu" : "u").test(value);
  } catch {
    return false;
  }
}

/** One entry in words, fields joined by "and": `uri prefix /pay and x-cohort = internal`. An entry without fields: `everything`. */
export function describeMatch(match: HttpMatch | L4Match): string {
  const fields = "sniHosts" in match ? describeL4(match) : describeHttp(match);
  const all = [...fields, ...describeNarrowing(match)];
  return all.length === 0 ? "everything" : all.join(" and ");
}

function describeHttp(match: HttpMatch): readonly string[] {
  const named = (["uri", "scheme", "method", "authority"] as const).flatMap((name) => {
    const field = match[name];
    return field === null ? [] : [words(name, field)];
  });
  return [
    ...named,
    ...Object.entries(match.headers).map(([name, m]) => words(name, m)),
    ...Object.entries(match.withoutHeaders).map(([name, m]) => `not (${words(name, m)})`),
    ...Object.entries(match.queryParams).map(([name, m]) => words(`?${name}`, m)),
  ];
}

function describeL4(match: L4Match): readonly string[] {
  return [
    ...(match.sniHosts.length === 0 ? [] : [`sni ${match.sniHosts.join(", ")}`]),
    ...(match.destinationSubnets.length === 0 ? [] : [`to ${match.destinationSubnets.join(", ")}`]),
  ];
}

function describeNarrowing(match: HttpMatch | L4Match): readonly string[] {
  const labels = Object.entries(match.sourceLabels).map(([key, value]) => `${key}=${value}`);
  return [
    ...(match.port === null ? [] : [`port ${match.port}`]),
    ...(labels.length === 0 ? [] : [`from ${labels.join(",")}`]),
    ...(match.sourceNamespace === null ? [] : [`from namespace ${match.sourceNamespace}`]),
    ...(match.gateways === null || match.gateways.length === 0 ? [] : [`via ${match.gateways.join(", ")}`]),
  ];
}

function words(name: string, match: StringMatch): string {
  if ("exact" in match) return `${name} = ${match.exact}`;
  if ("prefix" in match) return `${name} prefix ${match.prefix}`;
  return "regex" in match ? `${name} ~ ${match.regex}` : `${name} present`;
}
