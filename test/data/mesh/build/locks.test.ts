import fc from "fast-check";
import { expect, test } from "vitest";
import type { Pod } from "../../../../src/data/mesh/declared/core.ts";
import type { Declared } from "../../../../src/data/mesh/declared/declared.ts";
import { lockOf } from "../../../../src/data/mesh/build/locks.ts";
import type { Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import { bytesPerSecond, perSecond } from "../../../../src/data/mesh/units.ts";
import { meshOf, serviceOf, shopOf, v1, webapp } from "../../../support/builtMesh.ts";
import {
  destinationRule,
  namespace,
  peerAuthentication,
  podsOf,
  service,
  slice,
  trafficPolicy,
} from "../../../support/declaredOf.ts";
import {
  capabilities,
  connections,
  requests,
  telemetryOf,
  withoutAnswer,
  withoutLabel,
} from "../../../support/telemetryOf.ts";

test.each([
  [{ mtls: 10, plain: 0, hidden: 0 }, "full", 1],
  [{ mtls: 3, plain: 1, hidden: 0 }, "partial", 0.75],
  [{ mtls: 0, plain: 5, hidden: 0 }, "none", 0],
  [{ mtls: 0, plain: 0, hidden: 0 }, "unknown", null],
  // A source's `unknown` never comes here; a server's own (ztunnel) is no evidence of encryption, nor of plaintext.
  [{ mtls: 0, plain: 0, hidden: 5 }, "unknown", null],
  [{ mtls: 5, plain: 0, hidden: 5 }, "partial", 0.5],
  // One of ten was seen in plaintext; of nine nobody knows. Neither "none" nor a part of 0 was seen.
  [{ mtls: 0, plain: 1, hidden: 9 }, "partial", null],
])("%j is a lock that is %s", (seen, state, mtls) => {
  expect(lockOf(seen, null)).toEqual({ state, mtls, predicted: null });
});

test("a lock is neither closed nor open from absence: full and none only if nothing else was seen, nor left unsaid", () => {
  const rate = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.record({ mtls: rate, plain: rate, hidden: rate }), (seen) => {
      const { state, mtls } = lockOf(seen, "mtls");
      expect(state === "full").toBe(seen.mtls > 0 && seen.plain === 0 && seen.hidden === 0);
      expect(state === "none").toBe(seen.plain > 0 && seen.mtls === 0 && seen.hidden === 0);
      expect(state === "unknown").toBe(seen.mtls + seen.plain === 0);
      expect(mtls === null).toBe(seen.mtls === 0 && (seen.plain === 0 || seen.hidden > 0));
    }),
  );
});

const ends = { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" };
const edgeOf = (declared: ReturnType<typeof shopOf>, rows: readonly ReturnType<typeof requests>[]) =>
  meshOf(declared, telemetryOf({ requests: rows })).graph.edges.find(
    ({ from }) => from === "workload:shop/webapp",
  );

test("the source's unknown is not plaintext: without a server's word the lock is unknown, and the prediction stays", () => {
  expect(edgeOf(shopOf(), [requests("source", ends, 9)])?.lock).toEqual({
    state: "unknown",
    mtls: null,
    predicted: "mtls",
  });
});

test("an edge's lock is weighted by rate over the versions behind it", () => {
  const lock = edgeOf(shopOf(), [
    requests("source", ends, 4),
    requests("destination", ends, 3),
    requests("destination", ends, 1, { security: "none" }),
  ])?.lock;
  expect(lock).toMatchObject({ state: "partial", mtls: 0.75 });
});

test("DISABLE predicts plaintext, DestinationRule DISABLE under STRICT predicts a broken pair", () => {
  const disabled = shopOf({ peerAuthentications: [peerAuthentication("shop/default", "DISABLE")] });
  expect(edgeOf(disabled, [requests("source", ends, 1)])?.lock.predicted).toBe("plaintext");
  const broken = shopOf({
    peerAuthentications: [peerAuthentication("shop/default", "STRICT")],
    destinationRules: [
      destinationRule(
        "shop/catalog",
        {},
        { trafficPolicy: trafficPolicy({ tls: { mode: "DISABLE", credentialName: null } }) },
      ),
    ],
  });
  expect(edgeOf(broken, [requests("source", ends, 1)])?.lock.predicted).toBe("broken");
});

test("where the workloads behind a service answer differently, nothing is predicted for it as a whole", () => {
  const declared = shopOf({}, [v1, bare, webapp]);
  const pods = [...podsOf(v1), ...podsOf(webapp), ...bareOf(bare, 1)];
  expect(serviceOf(meshOf({ ...declared, pods }), "shop/catalog").lock.predicted).toBeNull();
});

const bareOf = (of: typeof v1, count: number) => podsOf(of, count, {});
const bare = { ...v1, meta: { ...v1.meta, ref: { ...v1.meta.ref, name: "catalog-bare" } } };

/** A headless catalog over these pods, in a namespace of this mode. */
function headlessOver(pods: readonly Pod[], mode: "STRICT" | "PERMISSIVE", more: Partial<Declared> = {}) {
  const declared = shopOf(
    {
      peerAuthentications: [peerAuthentication("shop/default", mode)],
      services: [service("shop/catalog", { headless: true })],
      endpointSlices: [slice("shop/catalog", pods)],
      pods: [...pods, ...podsOf(webapp)],
      ...more,
    },
    [v1, bare, webapp].filter(
      ({ meta }) =>
        meta.ref.name === "webapp" || pods.some((pod) => pod.meta.owners[0]?.name.startsWith(meta.ref.name)),
    ),
  );
  return serviceOf(meshOf(declared), "shop/catalog").lock.predicted;
}

test.each([
  ["each pod has a sidecar", podsOf(v1, 2), "mtls", "mtls"],
  // The pods with a sidecar refuse plaintext where it is STRICT, the other takes it: there is no one answer.
  ["a workload without one stands behind it too", [...podsOf(v1, 2), ...bareOf(bare, 1)], null, "plaintext"],
  [
    "one pod of a workload is older than the injector",
    [...podsOf(v1, 1), { ...bareOf(v1, 2)[1]! }],
    null,
    "plaintext",
  ],
  ["no pod has one", bareOf(bare, 2), "plaintext", "plaintext"],
] as const)("calls to a headless Service of which %s", (_, pods, strict, permissive) => {
  expect(headlessOver(pods, "STRICT")).toBe(strict);
  expect(headlessOver(pods, "PERMISSIVE")).toBe(permissive);
});

test("a workload without a sidecar and without a pod takes nothing from the others behind a headless Service", () => {
  const idle = {
    ...bare,
    ready: 0,
    desired: 0,
    template: { ...bare.template, annotations: { "sidecar.istio.io/inject": "false" } },
  };
  const pods = podsOf(v1, 2);
  const workloads = [v1, idle, webapp];
  expect(headlessOver(pods, "STRICT", { workloads })).toBe("mtls");
});

test("where pods can't be read, a headless Service is what its workloads' templates make it", () => {
  expect(headlessOver(podsOf(v1, 2), "STRICT", { pods: [] })).toBe("mtls");
});

test("an address written by hand behind a headless Service is no sidecar: everybody there is sent plaintext", () => {
  const pods = podsOf(v1, 2);
  const written = slice("shop/catalog", pods);
  const byHand = { ...written.endpoints[0]!, address: "192.0.2.9", pod: null };
  const endpointSlices = [{ ...written, endpoints: [...written.endpoints, byHand] }];
  expect(headlessOver(pods, "PERMISSIVE", { endpointSlices })).toBe("plaintext");
});

test("a load balancer that passes addresses through makes any Service as a headless one is", () => {
  const loadBalancer = { simple: "PASSTHROUGH", consistentHash: null, locality: null };
  const declared = shopOf({}, [v1, bare, webapp]);
  const pods = [...podsOf(v1), ...podsOf(webapp), ...bareOf(bare, 1)];
  const destinationRules = [
    destinationRule("shop/catalog", {}, { trafficPolicy: trafficPolicy({ loadBalancer }) }),
  ];
  const mesh = meshOf({ ...declared, pods, destinationRules });
  expect(serviceOf(mesh, "shop/catalog").lock.predicted).toBe("plaintext");
});

test("the namespace page adds up everything that arrives there, and says how much came in plaintext", () => {
  const mesh = meshOf(
    shopOf({ peerAuthentications: [peerAuthentication("istio-system/default", "STRICT")] }),
    telemetryOf({
      requests: [
        requests("destination", ends, 6),
        requests("destination", { ...ends, from: null }, 2, { security: "none" }),
      ],
    }),
  );
  expect(mesh.mtls.mesh.mode).toBe("STRICT");
  expect(mesh.mtls.namespaces.find(({ namespace: name }) => name === "shop")).toMatchObject({
    effective: { mode: "STRICT" },
    lock: { state: "partial", mtls: 0.75, predicted: "mtls" },
    plaintext: perSecond(2),
  });
});

const plaintextIn = (parts: Partial<Telemetry>) =>
  meshOf(shopOf(), telemetryOf(parts)).mtls.namespaces.find(({ namespace: name }) => name === "shop")
    ?.plaintext;
const encrypted = [requests("destination", ends, 6)];

test("no plaintext is a number only where everything that arrived said how it travelled", () => {
  expect(plaintextIn({ requests: encrypted })).toBe(0);
  expect(plaintextIn({})).toBe(0);
  expect(meshOf(shopOf()).mtls.namespaces.map(({ plaintext }) => plaintext)).toEqual([null, null]);
});

test.each<[string, Partial<Telemetry>]>([
  ["no server's proxy reports what arrived", { requests: [requests("source", ends, 6)] }],
  [
    "only clients' proxies report in the whole mesh",
    { capabilities: { ...capabilities, reporters: ["source"] } },
  ],
  ["the label is gone", withoutLabel("connection_security_policy")],
  ["the query failed", withoutAnswer("requests")],
  [
    "a server's proxy did not say of a part",
    { requests: [...encrypted, requests("destination", ends, 1, { security: "unknown" })] },
  ],
])("plaintext is not known where %s", (_, parts) => {
  expect(plaintextIn(parts)).toBeNull();
});

test("where no workload has a proxy, nobody can tell what arrives in plaintext", () => {
  const bare = shopOf({
    namespaces: [namespace("shop", { "istio-injection": "enabled" }), namespace("plain", {})],
  });
  const mesh = meshOf(bare, telemetryOf({ requests: encrypted }));
  const plaintext = new Map(mesh.mtls.namespaces.map((entry) => [entry.namespace, entry.plaintext]));
  expect([plaintext.get("plain"), plaintext.get("shop")]).toEqual([null, 0]);
});

test("plaintext that was seen is said, though another part did not say how it travelled", () => {
  const rows = [
    requests("destination", ends, 1, { security: "none" }),
    requests("destination", ends, 9, { security: "unknown" }),
  ];
  expect(plaintextIn({ requests: rows })).toBe(1);
});

test("a long-lived connection shows its lock, though it opened before the window", () => {
  const mesh = meshOf(
    shopOf(),
    telemetryOf({
      tcp: ["source" as const, "destination" as const].map((reporter) =>
        connections(reporter, ends, 0, { received: bytesPerSecond(100) }),
      ),
    }),
  );
  expect(mesh.graph.edges[0]?.lock).toMatchObject({ state: "full", mtls: 1 });
});

test.each([
  ["sidecar", { "istio-injection": "enabled" }, {}],
  ["sidecar", { "istio.io/rev": "1-27" }, {}],
  ["none", { "istio-injection": "disabled" }, { "sidecar.istio.io/inject": "true" }],
  ["none", {}, {}],
  ["none", { "istio-injection": "enabled" }, { "sidecar.istio.io/inject": "false" }],
  ["sidecar", {}, { "sidecar.istio.io/inject": "true" }],
  ["ambient", { "istio.io/dataplane-mode": "ambient" }, {}],
  ["none", { "istio.io/dataplane-mode": "ambient" }, { "istio.io/dataplane-mode": "none" }],
])(
  "without pods, a workload has the proxy that the injector would give it: %s for %j and %j",
  (proxy, ofNamespace, ofPod) => {
    const one = { ...webapp, template: { labels: { ...webapp.template.labels, ...ofPod }, annotations: {} } };
    const mesh = meshOf({ ...shopOf({}, [one]), pods: [], namespaces: [namespace("shop", ofNamespace)] });
    expect(mesh.workloads[0]?.proxy).toBe(proxy);
  },
);

test("pods show what is there: a namespace labelled after they started changes nothing", () => {
  const declared = shopOf({}, [webapp]);
  expect(meshOf({ ...declared, pods: podsOf(webapp, 1, {}) }).workloads[0]?.proxy).toBe("none");
  expect(meshOf({ ...declared, namespaces: [] }).workloads[0]?.proxy).toBe("sidecar");
  expect(meshOf({ ...declared, namespaces: [], pods: [] }).workloads[0]?.proxy).toBe("unknown");
});

test("nothing is predicted of a namespace where no workload has a proxy, and mTLS where one has", () => {
  const declared = shopOf({
    namespaces: [namespace("shop", { "istio-injection": "enabled" }), namespace("plain", {})],
  });
  const predictedIn = (name: string) =>
    meshOf(declared).mtls.namespaces.find((entry) => entry.namespace === name)?.lock.predicted;
  expect(predictedIn("plain")).toBeNull();
  expect(predictedIn("shop")).toBe("mtls");
});
