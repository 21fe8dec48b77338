/** How a root's rule and its delegate's rules become one (istio.md 2.5; pilot/pkg/model/virtualservice.go). */
import type { HttpMatch, HttpRule, StringMatch } from "../declared/routing.ts";
import { hasLabels } from "./labels.ts";

type Fields = Readonly<Record<string, StringMatch>>;

/**
 * A delegate's rule as it acts under `root`; `null`: their matches contradict each other and the rule is dropped.
 *
 * Match, rewrite, time-out, retries, fault and mirrors are inherited where the delegate has none.
 */
export function underRoot(root: HttpRule, delegate: HttpRule): HttpRule | null {
  const matches = combinedMatches(root.matches, delegate.matches);
  if (matches === null) return null;
  return {
    ...delegate,
    matches,
    name: joined(root.name, delegate.name),
    mirrors: delegate.mirrors.length > 0 ? delegate.mirrors : root.mirrors,
    directResponse: delegate.directResponse ?? root.directResponse,
    fault: delegate.fault ?? root.fault,
    timeout: delegate.timeout ?? root.timeout,
    retries: delegate.retries ?? root.retries,
    rewrite: delegate.rewrite ?? root.rewrite,
  };
}

const joined = (root: string | null, delegate: string | null): string | null =>
  root === null || delegate === null ? (root ?? delegate) : `${root}-${delegate}`;

/** Every entry of the delegate must fit into at least one of the root. */
function combinedMatches(
  root: readonly HttpMatch[],
  delegate: readonly HttpMatch[],
): readonly HttpMatch[] | null {
  if (root.length === 0) return delegate;
  if (delegate.length === 0) return root;
  const combined: HttpMatch[] = [];
  for (const entry of delegate) {
    const fitting = root.filter((outer) => !contradicts(outer, entry));
    if (fitting.length === 0) return null;
    combined.push(...fitting.map((outer) => narrowed(outer, entry)));
  }
  return combined;
}

function narrowed(root: HttpMatch, entry: HttpMatch): HttpMatch {
  return {
    name: joined(root.name, entry.name),
    uri: entry.uri ?? root.uri,
    scheme: entry.scheme ?? root.scheme,
    method: entry.method ?? root.method,
    authority: entry.authority ?? root.authority,
    headers: { ...root.headers, ...entry.headers },
    withoutHeaders: { ...root.withoutHeaders, ...entry.withoutHeaders },
    queryParams: { ...root.queryParams, ...entry.queryParams },
    ignoreUriCase: root.ignoreUriCase || entry.ignoreUriCase,
    port: entry.port ?? root.port,
    sourceLabels: { ...root.sourceLabels, ...entry.sourceLabels },
    sourceNamespace: entry.sourceNamespace ?? root.sourceNamespace,
    gateways: entry.gateways ?? root.gateways,
    statPrefix: entry.statPrefix ?? root.statPrefix,
  };
}

function contradicts(root: HttpMatch, entry: HttpMatch): boolean {
  return (
    root.ignoreUriCase !== entry.ignoreUriCase ||
    (["uri", "scheme", "method", "authority"] as const).some((f) => stringsContradict(root[f], entry[f])) ||
    (["headers", "withoutHeaders", "queryParams"] as const).some((f) =>
      fieldsContradict(root[f], entry[f]),
    ) ||
    (root.port !== null && entry.port !== null && root.port !== entry.port) ||
    (root.sourceNamespace !== null && entry.sourceNamespace !== root.sourceNamespace) ||
    !hasLabels({ ...root.sourceLabels, ...entry.sourceLabels }, root.sourceLabels) ||
    (root.gateways !== null &&
      entry.gateways?.some((name) => root.gateways?.includes(name) === false) === true)
  );
}

const fieldsContradict = (root: Fields, entry: Fields): boolean =>
  Object.entries(entry).some(([name, match]) => stringsContradict(root[name] ?? null, match));

/** A regex never fits with anything; an exact or a prefix of the delegate must begin with the root's prefix. */
function stringsContradict(root: StringMatch | null, entry: StringMatch | null): boolean {
  if (root === null || entry === null) return false;
  if ("exact" in root) return !("exact" in entry) || root.exact !== entry.exact;
  if (!("prefix" in root)) return true;
  if ("exact" in entry) return !entry.exact.startsWith(root.prefix);
  return !("prefix" in entry) || !entry.prefix.startsWith(root.prefix);
}
