import type { HttpMatch, L4Match, StringMatch } from "../../mesh/declared/routing.ts";
import type { Field } from "./field.ts";

/** `{}` says nothing about a value: `null`. */
function readStringMatch(field: Field): StringMatch | null {
  const exact = field.at("exact").textOrNull();
  if (exact !== null) return { exact };
  const prefix = field.at("prefix").textOrNull();
  if (prefix !== null) return { prefix };
  const regex = field.at("regex").textOrNull();
  return regex === null ? null : { regex };
}

/** By header or parameter; an empty entry asks that it be there (networking.istio.io HTTPMatchRequest.headers). */
function readStringMatches(field: Field): Readonly<Record<string, StringMatch>> {
  const entries = field.entries().map(([name, match]) => [name, readStringMatch(match) ?? { present: true }]);
  return Object.fromEntries(entries) as Readonly<Record<string, StringMatch>>;
}

/** HTTPMatchRequest. */
export function readHttpMatch(field: Field): HttpMatch {
  return {
    name: field.at("name").nameOrNull(),
    uri: readStringMatch(field.at("uri")),
    scheme: readStringMatch(field.at("scheme")),
    method: readStringMatch(field.at("method")),
    authority: readStringMatch(field.at("authority")),
    headers: readStringMatches(field.at("headers")),
    withoutHeaders: readStringMatches(field.at("withoutHeaders")),
    queryParams: readStringMatches(field.at("queryParams")),
    ignoreUriCase: field.at("ignoreUriCase").flag(),
    port: field.at("port").numberOrNull(),
    sourceLabels: field.at("sourceLabels").labels(),
    sourceNamespace: field.at("sourceNamespace").nameOrNull(),
    gateways: field.at("gateways").textsOrNull(),
    statPrefix: field.at("statPrefix").nameOrNull(),
  };
}

/** L4MatchAttributes and TLSMatchAttributes. */
export function readL4Match(field: Field): L4Match {
  return {
    port: field.at("port").numberOrNull(),
    destinationSubnets: field.at("destinationSubnets").texts(),
    sniHosts: field.at("sniHosts").texts(),
    sourceLabels: field.at("sourceLabels").labels(),
    sourceNamespace: field.at("sourceNamespace").nameOrNull(),
    gateways: field.at("gateways").textsOrNull(),
  };
}
