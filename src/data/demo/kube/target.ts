import { type Kind } from "./kinds.ts";

/**
 * What a path of the API names.
 *
 * - `objects`: a collection (`name` null) or one object of a kind. - `subresource`: a part of one object.
 * - `discovery`: what is served, or `/version`. - `proxy`: something behind a Service. - `review`: a SelfSubjectAccessReview.
 * - `unserved`: a well-formed path of a kind that is not served: `builtin` where its group version is a built-in one.
 */
export type Target =
  | ObjectTarget
  | { readonly is: "discovery"; readonly path: readonly string[] }
  | { readonly is: "health" | "review" | "unknown" }
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
    return { is: "proxy", namespace, service: decodeURIComponent(service), path: rest };
  }
  const parts = path.split("/").filter((part) => part !== "");
  return byParts(parts.map(decodeURIComponent), kinds);
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
  const scoped = path[0] === "namespaces" && path.length > 2;
  const namespace = scoped ? (path[1] ?? null) : null;
  const [plural = "", name = null, subresource = null] = scoped ? path.slice(2) : path;
  const served = kinds.filter((kind) => kind.group === group && kind.versions.includes(version));
  const kind = served.find((candidate) => candidate.plural === plural);
  if (kind === undefined) return { is: "unserved", builtin: served.some((other) => !other.custom) };
  return { is: "objects", kind, version, namespace, name, subresource };
}
