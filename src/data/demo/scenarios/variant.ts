/** The same mesh with something changed in it: the next page of a scenario's story. */
import type { Manifest } from "../kube/objects.ts";
import type { Lag, Scenario } from "./scenario.ts";

export interface Variant {
  /** After `--variant`. */
  readonly name: string;
  /** What is to be seen, in one sentence. */
  readonly says: string;
  readonly of: (base: Scenario) => Scenario;
}

export interface Story {
  readonly base: Scenario;
  readonly variants: readonly Variant[];
}

const groupOf = ({ apiVersion }: Manifest): string => apiVersion.split("/")[0] ?? "";

/** Istio's Gateway and the Gateway API's are not the same kind. */
const sameObject = (a: Manifest, b: Manifest): boolean =>
  groupOf(a) === groupOf(b) &&
  a.kind === b.kind &&
  a.metadata.name === b.metadata.name &&
  a.metadata.namespace === b.metadata.namespace;

/** With these objects, each in the place of the one of its kind and name. */
export function having(...objects: readonly Manifest[]): Variant["of"] {
  return (base) => ({
    ...base,
    manifests: [
      ...base.manifests.map((old) => objects.find((one) => sameObject(one, old)) ?? old),
      ...objects.filter((one) => !base.manifests.some((old) => sameObject(old, one))),
    ],
  });
}

/** Without the objects of a kind that have one of these names. */
export function lacking(kind: string, ...names: readonly string[]): Variant["of"] {
  return (base) => ({
    ...base,
    manifests: base.manifests.filter((one) => one.kind !== kind || !names.includes(one.metadata.name)),
  });
}

/** With other programs, callers or hosts outside. */
export function playing(
  change: Partial<Pick<Scenario, "behaviours" | "outside" | "sources">>,
): Variant["of"] {
  return (base) => ({
    ...base,
    behaviours: { ...base.behaviours, ...change.behaviours },
    outside: { ...base.outside, ...change.outside },
    sources: change.sources ?? base.sources,
  });
}

/** With proxies that have not what istiod sent them. */
export function lagging(...lags: readonly Lag[]): Variant["of"] {
  return (base) => ({ ...base, lagging: [...(base.lagging ?? []), ...lags] });
}

/** All of these changes, in order. */
export function all(...changes: readonly Variant["of"][]): Variant["of"] {
  return (base) => changes.reduce((scenario, change) => change(scenario), base);
}
