import type { Json } from "../../mesh/json.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import type { JsonObject } from "./objects.ts";

/** A version with a fixed number behind it would promise behaviour; this says what it is. */
const serverVersion: JsonObject = {
  major: "1",
  minor: "20",
  gitVersion: "v1.20.2-meshtop-demo",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "node",
};

/** Stable before beta before alpha, newer before older. Source: k8s.io/apimachinery pkg/version CompareKubeAwareVersionStrings. */
function byPriority(a: string, b: string): number {
  const rank = (version: string): readonly number[] => {
    const [, major = "0", stage = "", minor = "0"] = /^v(\d+)(alpha|beta)?(\d+)?$/.exec(version) ?? [];
    return [["alpha", "beta", ""].indexOf(stage), Number(major), Number(minor)];
  };
  const [left, right] = [rank(a), rank(b)];
  const differs = left.findIndex((part, index) => part !== right[index]);
  return differs < 0 ? 0 : (right[differs] ?? 0) - (left[differs] ?? 0);
}

function groupsOf(kinds: readonly Kind[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>([["authorization.k8s.io", ["v1"]]]);
  for (const kind of kinds) {
    if (kind.group === "") continue;
    const known = groups.get(kind.group) ?? [];
    groups.set(kind.group, [...new Set([...known, ...kind.versions])].sort(byPriority));
  }
  return groups;
}

function groupEntry(name: string, versions: readonly string[]): Record<string, Json> {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] ?? null };
}

function coreVersions(host: string): JsonObject {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: host }],
  };
}

function groupList(kinds: readonly Kind[]): JsonObject {
  const groups = [...groupsOf(kinds)].map(([name, versions]) => groupEntry(name, versions));
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

/** One group, or `null` where it is not served. */
function groupOnly(kinds: readonly Kind[], name: string): JsonObject | null {
  const versions = groupsOf(kinds).get(name);
  return versions === undefined
    ? null
    : { kind: "APIGroup", apiVersion: "v1", ...groupEntry(name, versions) };
}

function resources(kind: Kind): readonly JsonObject[] {
  const main: Record<string, Json> = {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
  };
  if (kind.shortNames.length > 0) main["shortNames"] = kind.shortNames;
  if (!kind.status) return [main];
  const verbs = ["get", "patch", "update"];
  const status = {
    name: `${kind.plural}/status`,
    singularName: "",
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs,
  };
  return [main, status];
}

const accessReviews: JsonObject = {
  name: "selfsubjectaccessreviews",
  singularName: "",
  namespaced: false,
  kind: "SelfSubjectAccessReview",
  verbs: ["create"],
};

/** The resources of one group version, or `null` where it is not served. */
function resourceList(kinds: readonly Kind[], group: string, version: string): JsonObject | null {
  const served = kinds.filter((kind) => kind.group === group && kind.versions.includes(version));
  const list = served.flatMap(resources);
  if (group === "authorization.k8s.io" && version === "v1") list.push(accessReviews);
  if (list.length === 0) return null;
  const groupVersion = apiVersionOf(group, version);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources: list };
}

/**
 * What discovery says at a path, given as its parts: `/version`, `/api`, `/api/v1`, `/apis`, `/apis/<group>` and
 * `/apis/<group>/<version>`. `null` where nothing is served.
 */
export function discover(kinds: readonly Kind[], path: readonly string[], host: string): JsonObject | null {
  const [root, ...rest] = path;
  if (root === "version") return serverVersion;
  const [group = null, version = null] = root === "api" ? ["", ...rest] : rest;
  if (group === null) return groupList(kinds);
  if (version !== null) return resourceList(kinds, group, version);
  return root === "api" ? coreVersions(host) : groupOnly(kinds, group);
}
