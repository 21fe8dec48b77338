/** Raw route objects, as the API server holds them, and meshes that know them. */
import fc from "fast-check";
import type { Json } from "../../../src/data/mesh/json.ts";
import type { ResourceRef } from "../../../src/data/mesh/declared/meta.ts";
import type { EditPatch, Patch } from "../../../src/actions/change.ts";
import { inverseOf, operationsOf } from "../../../src/actions/change.ts";
import { heldOf, sameRef, type Held, type Seen } from "../../../src/actions/changes/held.ts";
import { applyJsonPatch, parseJsonPatch } from "../../../src/data/demo/kube/jsonPatch.ts";

export const virtualServiceRef = (at: string): ResourceRef =>
  refOf("networking.istio.io", "VirtualService", at);
export const canaryRef = (at: string): ResourceRef => ({
  ...refOf("flagger.app", "Canary", at),
  version: "v1beta1",
});
export const rolloutRef = (at: string): ResourceRef => ({
  ...refOf("argoproj.io", "Rollout", at),
  version: "v1alpha1",
});

export function refOf(group: string, kind: string, at: string): ResourceRef {
  const [namespace = "", name = ""] = at.split("/");
  return { group, version: "v1", kind, namespace, name };
}

export function held(
  ref: ResourceRef,
  body: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): Held {
  const json = {
    apiVersion: ref.group === "" ? ref.version : `${ref.group}/${ref.version}`,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      uid: `uid-${ref.name}`,
      resourceVersion: "7",
      ...metadata,
    },
    ...body,
  };
  const read = heldOf(ref, json);
  if (read === null) throw new Error("not an object");
  return read;
}

/** What was read for a plan: these objects and nothing else. */
export function seen(...objects: readonly Held[]): Seen {
  return {
    object: (ref) => objects.find((one) => sameRef(one.ref, ref)) ?? null,
    list: (kind) =>
      objects.filter(
        ({ ref }) => ref.kind === kind.kind && ref.group === kind.group && ref.namespace === kind.namespace,
      ),
  };
}

/** The object after a patch, by the JSON Patch of the embedded API server; throws where it refuses. */
export function patched(object: Json, patch: Patch): Json {
  if (patch.do !== "edit") throw new Error(`${patch.do} is no patch of an object`);
  const operations = parseJsonPatch(operationsOf(patch));
  if (!operations.ok) throw new Error(operations.error.message);
  const result = applyJsonPatch(object, operations.value);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** The inverse for an object of the same version. */
export const back = (patch: Patch): EditPatch => {
  const inverse = inverseOf(patch);
  if (inverse.do !== "edit") throw new Error("no edit");
  return inverse;
};

/** Anything that a field we do not know may hold. */
const strange = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
const name = fc.constantFrom("v1", "v2", "v3", "a/b", "x~y");

/** One destination of a VirtualService: weights written, zero, or absent; more fields than we know. */
const destination = fc.record(
  {
    destination: fc.record(
      {
        host: fc.constantFrom("catalog", "catalog.shop.svc.cluster.local"),
        subset: name,
        port: fc.constant({ number: 80 }),
      },
      { requiredKeys: ["host"] },
    ),
    weight: fc.integer({ min: 0, max: 1000 }),
    headers: strange,
  },
  { requiredKeys: ["destination"] },
);

const httpRule = fc.record(
  {
    name: fc.string(),
    match: fc.array(strange, { maxLength: 2 }),
    route: fc.array(destination, { minLength: 2, maxLength: 4 }),
    timeout: fc.constant("3s"),
    mirror: fc.record({ host: fc.constant("catalog"), subset: name }),
    mirrorPercentage: fc.record({ value: fc.double({ min: 0, max: 100, noNaN: true }) }),
    mirrorPercent: fc.integer({ min: 0, max: 100 }),
    unknownField: strange,
  },
  { requiredKeys: ["route"] },
);

/** VirtualServices with everything around the weights that may stand there. */
export const virtualServices: fc.Arbitrary<Held> = fc
  .record({
    http: fc.array(httpRule, { minLength: 1, maxLength: 3 }),
    hosts: fc.constant(["catalog"]),
    extra: strange,
    annotations: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  })
  .map(({ annotations, ...spec }) => held(virtualServiceRef("shop/catalog"), { spec }, { annotations }));
