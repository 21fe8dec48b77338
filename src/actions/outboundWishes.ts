/** From the words of a command line to changes of what leaves the mesh. Errors are sentences about usage. */
import { clean } from "../data/mesh/clean.ts";
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { OutboundMode } from "../data/mesh/declared/routing.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import { fail, ok, type Result } from "../data/mesh/result.ts";
import type { DeclareHostChange, OutboundChange } from "./change.ts";

export interface OutboundWish {
  readonly mode: OutboundMode;
  /** `null`: the whole mesh. */
  readonly namespace: string | null;
  /** `ns/name`: this one alone, and then `namespace` does not count. */
  readonly workload?: string | null;
  /** The mesh ConfigMap where it is known (`Declared.meshConfigs`); `null`: by the mesh's own policy, else istio-system/istio. */
  readonly configMap: ResourceRef | null;
}

export function outboundOf(mesh: Mesh, wish: OutboundWish): Result<OutboundChange, string> {
  const { mode, namespace, workload = null, configMap } = wish;
  if (workload !== null) return workloadOutbound(mesh, mode, workload);
  if (namespace === null) {
    const target = { is: "mesh", configMap: configMap ?? meshConfigMap(mesh) } as const;
    return ok({ kind: "outbound", mode, target });
  }
  if (!mesh.namespaces.some(({ name }) => name === namespace)) return fail(noNamespace(namespace));
  return ok({ kind: "outbound", mode, target: { is: "sidecar", namespace, labels: null } });
}

const noNamespace = (namespace: string): string => `There is no namespace ${clean(namespace)}.`;

function workloadOutbound(mesh: Mesh, mode: OutboundMode, key: string): Result<OutboundChange, string> {
  const found = mesh.workloads.find((one) => one.key === key);
  if (found === undefined) return fail(`There is no workload ${clean(key)}.`);
  const { namespace, labels } = found;
  if (Object.keys(labels).length === 0) {
    return fail(`The labels of the pods of ${clean(key)} are not known: name the namespace instead.`);
  }
  return ok({ kind: "outbound", mode, target: { is: "sidecar", namespace, labels } });
}

/** istio.md 6: revision "default" reads `istio` in istiod's namespace. */
function meshConfigMap({ egress }: Mesh): ResourceRef {
  const { from } = egress.mesh;
  if (from !== "default" && from.kind === "ConfigMap") return from;
  return { group: "", version: "v1", kind: "ConfigMap", namespace: "istio-system", name: "istio" };
}

export interface HostWish {
  /** A DNS name, with `:port` where it is neither 80 nor 443. */
  readonly host: string;
  /** Whose callers may reach it from then on. */
  readonly namespace: string;
}

/** Whether the host can be declared is the plan's to say. */
export function hostOf(mesh: Mesh, { host, namespace }: HostWish): Result<DeclareHostChange, string> {
  if (!mesh.namespaces.some(({ name }) => name === namespace)) return fail(noNamespace(namespace));
  // DNS names have no case, and a name with a dot at its end is the same name (RFC 1034, 3.1).
  const name = host
    .trim()
    .toLowerCase()
    .replace(/\.(?=$|:)/, "");
  if (name === "") return fail("Say which host: api.example.com, or api.example.com:8080.");
  return ok({ kind: "declareHost", namespace, host: name });
}
