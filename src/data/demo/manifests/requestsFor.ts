/** Requests that the rules of a route are for, one for each rule. */
import type { HttpMatch, HttpRule, StringMatch } from "../../mesh/declared/routing.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import type { Call } from "../scenarios/scenario.ts";

export type Fitting = Pick<Call, "path" | "method" | "headers">;

const plain: Fitting = { path: "/", method: "GET", headers: {} };

/** So many rules of one route are called; a route of hundreds would be nothing but noise. */
const most = 8;

/**
 * One request for each rule, as far as one can be made up: what a regular expression takes is not.
 *
 * @param isFor tells which matches these callers can meet.
 */
export function requestsFor(
  rules: readonly Pick<HttpRule, "matches">[],
  isFor: (match: HttpMatch) => boolean,
): readonly Fitting[] {
  const fitting = rules.flatMap(({ matches }): readonly Fitting[] => {
    if (matches.length === 0) return [plain];
    const first = matches
      .filter(isFor)
      .map(requestOf)
      .find((request) => request !== null);
    return first === undefined ? [] : [first];
  });
  return fitting.slice(0, most);
}

function requestOf(match: HttpMatch): Fitting | null {
  const path = match.uri === null ? "/" : textOf(match.uri);
  const method = match.method === null ? "GET" : textOf(match.method);
  const headers = textsOf(match.headers);
  const query = textsOf(match.queryParams);
  if (path === null || method === null || headers === null || query === null) return null;
  const asked = Object.entries(query).map(([key, value]) => `${key}=${value}`);
  return { path: asked.length === 0 ? path : `${path}?${asked.join("&")}`, method, headers };
}

function textsOf(matches: Readonly<Record<string, StringMatch>>): Labels | null {
  const texts = Object.entries(matches).map(([key, match]) => [key.toLowerCase(), textOf(match)] as const);
  return texts.some(([, text]) => text === null) ? null : (Object.fromEntries(texts) as Labels);
}

function textOf(match: StringMatch): string | null {
  if ("exact" in match) return match.exact;
  if ("prefix" in match) return match.prefix;
  return "present" in match ? "1" : null;
}
