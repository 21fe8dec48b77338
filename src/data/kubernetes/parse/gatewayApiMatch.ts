/** Matches of HTTPRoute and GRPCRoute, written as VirtualService matches. */
import { anyRequest, type HttpMatch, type StringMatch } from "../../mesh/declared/routing.ts";
import type { Field } from "./field.ts";

export function readHttpRouteMatch(field: Field): HttpMatch {
  const method = field.at("method").nameOrNull();
  return {
    ...anyRequest,
    uri: readPath(field.at("path")),
    method: method === null ? null : { exact: method },
    headers: readValues(field.at("headers")),
    queryParams: readValues(field.at("queryParams")),
  };
}

const pathTypes = ["PathPrefix", "Exact", "RegularExpression"] as const;

function readPath(path: Field): StringMatch | null {
  if (path.absent) return null;
  const value = path.at("value").textOrNull() ?? "/";
  const type = path.at("type").oneOfOr(pathTypes, "PathPrefix");
  if (type === "Exact") return { exact: value };
  return type === "RegularExpression" ? { regex: value } : { prefix: value };
}

const valueTypes = ["Exact", "RegularExpression"] as const;

/** A list of name, type, value. The first entry of a name counts, the others are ignored (HTTPRouteMatch.headers). */
function readValues(field: Field): Readonly<Record<string, StringMatch>> {
  const matches = new Map<string, StringMatch>();
  for (const entry of field.items()) {
    const name = entry.at("name").text();
    const value = entry.at("value").text();
    const type = entry.at("type").oneOfOr(valueTypes, "Exact");
    if (!matches.has(name)) matches.set(name, type === "Exact" ? { exact: value } : { regex: value });
  }
  return Object.fromEntries(matches);
}

/** A gRPC call is a POST to `/service/method`; a part that is not named may be anything. */
export function readGrpcMatch(field: Field): HttpMatch {
  return { ...anyRequest, uri: readGrpcMethod(field.at("method")), headers: readValues(field.at("headers")) };
}

function readGrpcMethod(field: Field): StringMatch | null {
  const service = field.at("service").nameOrNull();
  const method = field.at("method").nameOrNull();
  const type = field.at("type").oneOfOr(valueTypes, "Exact");
  if (service === null && method === null) return null;
  if (type === "RegularExpression") return { regex: `/${service ?? "[^/]+"}/${method ?? "[^/]+"}` };
  if (service === null) return { regex: `/[^/]+/${escapeRegex(method ?? "")}` };
  return method === null ? { prefix: `/${service}/` } : { exact: `/${service}/${method}` };
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
