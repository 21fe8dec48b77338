/** Rules and matches of a VirtualService that no request ever gets to, because an earlier one takes it (istio.md 2.2). */
import type { HttpMatch, StringMatch } from "../declared/routing.ts";
import { hasLabels } from "../resolve/labels.ts";
import type { ResolvedHttpRule } from "../resolve/resolvedRoute.ts";
import type { Check, Found } from "./check.ts";
import { routeLists, routesInUse, rulePath } from "./routeRules.ts";

export const unreachableRule: Check = {
  code: "MT0110",
  severity: "warning",
  title: "rule behind one that takes everything",
  meaning: "istiod stops at the first rule without a match: the proxies never get to know the later ones.",
  advice: "Move the rule before the one that takes everything, or remove it.",
  sources: { istioctl: "IST0130" },
  needs: ["virtualServices"],
  reads: routeLists,
  find: ({ known }) =>
    routesInUse(known).flatMap(({ object, route }) =>
      [...(object.gatewayApi ? [] : route.http), ...route.tcp, ...route.tls]
        .filter(({ unreachable }) => unreachable)
        .map((rule) => ({
          object: rule.ref,
          path: rulePath(rule),
          message: `An earlier rule takes everything, so rule ${rule.index + 1} is never tried.`,
        })),
    ),
};

export const shadowedMatch: Check = {
  code: "MT0111",
  severity: "warning",
  title: "match that an earlier rule takes whole",
  meaning:
    "The first rule that matches wins: every request that this match describes is taken by an earlier rule.",
  advice: "Move the narrower rule before the wider one.",
  sources: { istioctl: "IST0131" },
  needs: ["virtualServices"],
  reads: routeLists,
  find: ({ known }) =>
    routesInUse(known)
      .filter(({ object }) => !object.gatewayApi)
      .flatMap(({ route }) => {
        const tried = route.http.filter(
          ({ unreachable, missingDelegate }) => !unreachable && missingDelegate === null,
        );
        return tried.flatMap((rule, index) => shadowsOf(rule, tried.slice(0, index)));
      }),
};

function shadowsOf(rule: ResolvedHttpRule, before: readonly ResolvedHttpRule[]): readonly Found[] {
  const hidden = rule.matches.map((match) =>
    before.find(({ matches }) => matches.some((earlier) => takesIn(earlier, match))),
  );
  const [first] = hidden;
  if (first !== undefined && hidden.every((one) => one !== undefined)) {
    const message = `Rule ${first.index + 1} takes every request that rule ${rule.index + 1} describes.`;
    return [{ object: rule.ref, path: rulePath(rule), message }];
  }
  return hidden.flatMap((by, at): readonly Found[] => {
    if (by === undefined) return [];
    const message = `Rule ${by.index + 1} takes every request that this match describes.`;
    return [{ object: rule.ref, path: `${rulePath(rule)}.match[${at}]`, message }];
  });
}

/** Does `a` match every request that `b` matches? In doubt: no. */
function takesIn(a: HttpMatch, b: HttpMatch): boolean {
  return uriTakesIn(a, b) && textsTakeIn(a, b) && fieldsTakeIn(a, b) && clientsTakeIn(a, b);
}

function uriTakesIn(a: HttpMatch, b: HttpMatch): boolean {
  if (a.uri === null || !a.ignoreUriCase)
    return (a.uri === null || !b.ignoreUriCase) && textTakesIn(a.uri, b.uri);
  return textTakesIn(folded(a.uri), b.uri === null ? null : folded(b.uri));
}

/** Case is folded in exact and prefix only, as Envoy does. */
function folded(match: StringMatch): StringMatch {
  if ("exact" in match) return { exact: match.exact.toLowerCase() };
  return "prefix" in match ? { prefix: match.prefix.toLowerCase() } : match;
}

const textsTakeIn = (a: HttpMatch, b: HttpMatch): boolean =>
  (["scheme", "method", "authority"] as const).every((field) => textTakesIn(a[field], b[field]));

type Fields = Readonly<Record<string, StringMatch>>;

function fieldsTakeIn(a: HttpMatch, b: HttpMatch): boolean {
  const within = (wide: Fields, narrow: Fields): boolean =>
    Object.entries(wide).every(([name, match]) => {
      const other = narrow[name];
      return other !== undefined && textTakesIn(match, other);
    });
  // Who excludes less takes more: what `a` excludes, `b` must exclude too.
  return (
    within(a.headers, b.headers) &&
    within(a.queryParams, b.queryParams) &&
    Object.entries(a.withoutHeaders).every(([name, match]) => {
      const other = b.withoutHeaders[name];
      return other !== undefined && textTakesIn(other, match);
    })
  );
}

function textTakesIn(a: StringMatch | null, b: StringMatch | null): boolean {
  if (a === null) return true;
  if (b === null) return false;
  if ("present" in a) return true;
  if ("regex" in a) return "regex" in b && a.regex === b.regex;
  if ("exact" in a) return "exact" in b && a.exact === b.exact;
  if ("exact" in b) return b.exact.startsWith(a.prefix);
  return "prefix" in b && b.prefix.startsWith(a.prefix);
}

function clientsTakeIn(a: HttpMatch, b: HttpMatch): boolean {
  const own = b.gateways ?? [];
  const gateways =
    a.gateways === null || a.gateways.length === 0 || (own.length > 0 && within(own, a.gateways));
  return (
    gateways &&
    (a.port === null || a.port === b.port) &&
    (a.sourceNamespace === null || a.sourceNamespace === b.sourceNamespace) &&
    hasLabels(b.sourceLabels, a.sourceLabels)
  );
}

const within = (some: readonly string[], all: readonly string[]): boolean =>
  some.every((one) => all.includes(one));

export const missingDelegate: Check = {
  code: "MT0115",
  severity: "error",
  title: "rule that hands over to a delegate that is not there",
  meaning:
    "The delegate does not exist, has hosts of its own, or is not exported to this namespace. Proxies skip the rule: its requests fall to later rules, or get 404.",
  advice: "Create the delegate (a VirtualService without hosts), or correct its name and namespace.",
  sources: {},
  needs: ["virtualServices"],
  reads: routeLists,
  find: ({ known, covers }) =>
    routesInUse(known).flatMap(({ route }) =>
      route.http.flatMap((rule): readonly Found[] => {
        const name = rule.missingDelegate;
        if (name === null || covers("virtualServices", name.split("/")[0] ?? "") !== "yes") return [];
        const message = `There is no VirtualService ${name} that this one may use as a delegate; the rule is skipped.`;
        return [{ object: rule.ref, path: `${rulePath(rule)}.delegate`, message }];
      }),
    ),
};
