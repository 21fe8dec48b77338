/** Route objects with everything that an API server takes around the fields which a change is about, and changes that fit them. */
import fc from "fast-check";
import type { MirrorChange, ShiftChange } from "../../src/actions/change.ts";
import { percent } from "../../src/data/mesh/units.ts";
import { refTo } from "./marketObjects.ts";
import type { RawKubeObject } from "./rawMesh.ts";

export interface Generated {
  readonly object: RawKubeObject;
  readonly change: ShiftChange | MirrorChange;
}

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const present = (object: object): object => JSON.parse(JSON.stringify(object)) as object;

// kube-apiserver 1.20 takes an empty text in a custom resource for null.
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }) },
  // What Go's encoding/json writes as escapes, and JSON.stringify does not.
  { weight: 1, arbitrary: fc.constantFrom("/a?b=1&c=<d>", "(?P<id>.+)&", "\u2028\u2029", "\u007f\u0001\t") },
);
const annotations = fc.dictionary(fc.constantFrom("a", "b.c/d_e", "note"), text, { maxKeys: 3 });
const subset = fc.constantFrom("v1", "v2", "v3");
const weight = some(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 1, 2 ** 31 - 1)));

const destination = fc
  .record({
    subset: some(subset),
    port: some(fc.constant({ number: 80 })),
    weight,
    headers: some(fc.constant({ request: { remove: ["x"] } })),
  })
  .map(({ subset: name, port, ...rest }) => ({ destination: { host: "cart", subset: name, port }, ...rest }));
const destinations = fc.array(destination, { minLength: 2, maxLength: 4 });
const mirrored = fc.record({ host: fc.constantFrom("cart", "audit"), subset: fc.constant(undefined) });

const mirrors = fc.oneof(
  fc.constant({}),
  fc.record({
    mirror: mirrored,
    mirrorPercentage: some(fc.record({ value: fc.integer({ min: 0, max: 400 }).map((n) => n / 4) })),
    mirrorPercent: some(fc.integer({ min: 0, max: 100 })),
  }),
  fc.record({
    mirrors: fc.array(fc.record({ destination: mirrored, percentage: some(fc.constant({ value: 3 })) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
);
const httpRule = fc
  .record({
    rest: fc.record({
      name: some(text),
      route: destinations,
      match: some(
        fc.array(fc.record({ uri: fc.record({ prefix: text }), ignoreUriCase: fc.boolean() }), {
          maxLength: 2,
        }),
      ),
      timeout: some(fc.constant("3s")),
      retries: some(fc.record({ attempts: fc.nat(5) })),
      fault: some(fc.constant({ delay: { fixedDelay: "1s", percentage: { value: 0.5 } } })),
    }),
    mirrors,
  })
  .map(({ rest, mirrors: part }) => ({ ...rest, ...part }));

/** Weights for as many destinations as there are; one of them above zero. */
const weightsFor = (numbers: readonly number[], size: number): readonly number[] =>
  numbers.slice(0, size).every((n) => n === 0) ? numbers.slice(0, size).map(() => 1) : numbers.slice(0, size);

const numbers = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 4 });

const virtualServices: fc.Arbitrary<Generated> = fc
  .record({
    annotations,
    http: fc.array(httpRule, { minLength: 1, maxLength: 3 }),
    tcp: fc.array(fc.record({ route: destinations }), { maxLength: 2 }),
  })
  .chain(({ annotations: notes, http, tcp }) => {
    const object = {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "made", namespace: "market", annotations: notes },
      spec: present({ hosts: ["cart"], http, tcp }),
    };
    const base = { service: "market/cart", route: refTo(object), protocol: "http" } as const;
    const rule = fc.nat(http.length - 1);
    const shifts = fc.record({ rule, numbers }).map((one): ShiftChange => ({
      ...base,
      kind: "shift",
      rule: one.rule,
      weights: weightsFor(one.numbers, http[one.rule]?.route.length ?? 0),
    }));
    const mirroring = fc
      .record({ rule, part: fc.integer({ min: 0, max: 200 }), at: fc.nat(2) })
      .map(({ rule: index, part, at }): MirrorChange => {
        const own = http[index] as { mirrors?: readonly unknown[]; mirror?: unknown };
        const to =
          own.mirror === undefined && own.mirrors === undefined
            ? { host: "audit", subset: null, port: null }
            : null;
        return {
          ...base,
          kind: "mirror",
          rule: index,
          percent: percent(part / 2),
          at: own.mirrors === undefined ? null : at % own.mirrors.length,
          to,
        };
      });
    return fc.oneof(shifts, mirroring).map((change) => ({ object, change }));
  });

const backend = fc.record({
  name: fc.constantFrom("shop", "shop-next", "audit"),
  port: fc.constant(80),
  weight: some(fc.integer({ min: 0, max: 1_000_000 })),
});
const kinds = [
  ["HTTPRoute", "http"],
  ["GRPCRoute", "grpc"],
  ["TCPRoute", "tcp"],
] as const;

const gatewayRoutes: fc.Arbitrary<Generated> = fc
  .record({
    annotations,
    kind: fc.constantFrom(...kinds),
    backendRefs: fc.array(backend, { minLength: 2, maxLength: 4 }),
    numbers,
  })
  .map(({ annotations: notes, kind: [kind, protocol], backendRefs, numbers: list }) => {
    const object = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind,
      metadata: { name: "made", namespace: "market", annotations: notes },
      spec: present({ parentRefs: [{ name: "gateway" }], rules: [{ backendRefs }] }),
    };
    const change: ShiftChange = {
      kind: "shift",
      service: "market/shop",
      route: refTo(object),
      protocol,
      rule: 0,
      weights: weightsFor(list, backendRefs.length),
    };
    return { object, change };
  });

export const generatedRoutes: fc.Arbitrary<Generated> = fc.oneof(
  { weight: 3, arbitrary: virtualServices },
  { weight: 1, arbitrary: gatewayRoutes },
);

/** A VirtualService or route without the numbers and parts that a change may touch. */
export const untouched = (object: unknown): unknown =>
  JSON.parse(
    JSON.stringify(object, (key, value: unknown) =>
      ["weight", "mirrorPercentage", "mirrorPercent", "percentage", "mirror", "filters"].includes(key)
        ? undefined
        : value,
    ),
  );
