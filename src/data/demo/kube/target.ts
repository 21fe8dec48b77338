import { type Kind } from "./kinds.ts";

/**
 * What a path of the API names.
 *
 * - `objects`: a collection (`name` null), one object of a kind, or a part of one.
 * - `discovery`: what is served, or `/version`. - `proxy`: something behind a Service. - `review`: a SelfSubjectAccessReview.
 * - `unserved`: a well-formed path of a kind that is not served: `builtin` where its group version is a built-in one.
 * - `unknown`: nothing the API has. - `unreadable`: wrongly escaped.
 */
export type Target =
  | ObjectTarget
  | { readonly is: "discovery"; readonly path: readonly string[] }
  | { readonly is: "health" | "review" | "unknown" | "unreadable" }
  | {
      readonly is: "proxy";
      readonly namespace: string;
      /** `name`, `name:port` or `scheme:name:port`, as written. */
      readonly service: string;
      readonly path: string;
    }
  | { readonly is: "unserved"; readonly builtin: boolean };

export interface ObjectTarget {
  readonly is: "objects";
  readonly kind: Kind;
  readonly version: string;
  /** `null`: all namespaces, or a kind outside them. */
  readonly namespace: string | null;
  /** `null`: the collection. */
  readonly name: string | null;
  readonly subresource: string | null;
}

const fixed: Readonly<Record<string, Target>> = {
  "/readyz": { is: "health" },
  "/healthz": { is: "health" },
  "/livez": { is: "health" },
  "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews": { is: "review" },
};

const proxyForm = /^\/api\/v1\/namespaces\/([^/]+)\/services\/([^/]+)\/proxy(\/.*)?$/;

/** Reads a path. `/api/v1/namespaces/x` is the Namespace x; `/api/v1/namespaces/x/pods` the pods in it. */
export function parseTarget(path: string, kinds: readonly Kind[]): Target {
  const known = fixed[path.replace(/\/$/, "")];
  if (known !== undefined) return known;
  const proxy = proxyForm.exec(path);
  if (proxy !== null) {
    const [, namespace = "", service = "", rest = "/"] = proxy;
    const [decoded = null] = decodedParts(service) ?? [];
    if (decoded === null) return { is: "unreadable" };
    return { is: "proxy", namespace, service: decoded, path: rest };
  }
  const parts = decodedParts(path);
  return parts === null ? { is: "unreadable" } : byParts(parts, kinds);
}

/** The parts between slashes; `null` where one is wrongly escaped. */
function decodedParts(path: string): readonly string[] | null {
  try {
    return path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** How many parts come before a plural: `/api/v1/pods`, `/apis/apps/v1/deployments`. */
const depths: Readonly<Record<string, number>> = { api: 2, apis: 3, version: 1 };

function byParts(parts: readonly string[], kinds: readonly Kind[]): Target {
  const [root = "", ...rest] = parts;
  const depth = depths[root];
  if (depth === undefined || (root === "version" && rest.length > 0)) return { is: "unknown" };
  if (parts.length <= depth) return { is: "discovery", path: parts };
  const [group = "", version = ""] = root === "api" ? ["", ...rest] : rest;
  return objectsAt(kinds, { group, version, path: parts.slice(depth) });
}

interface InGroup {
  readonly group: string;
  readonly version: string;
  readonly path: readonly string[];
}

function objectsAt(kinds: readonly Kind[], { group, version, path }: InGroup): Target {
  // `namespaces/x/status` is a part of a namespace, `namespaces/x/pods` what is in it.
  const scoped = path[0] === "namespaces" && path.length > 2 && path[2] !== "status";
  const namespace = scoped ? (path[1] ?? null) : null;
  const [plural = "", name = null, subresource = null] = scoped ? path.slice(2) : path;
  const served = kinds.filter((kind) => kind.group === group && kind.versions.includes(version));
  const kind = served.find((candidate) => candidate.plural === plural);
  if (kind === undefined) return { is: "unserved", builtin: served.some((other) => !other.custom) };
  return { is: "objects", kind, version, namespace, name, subresource };
}
