/** What the checks say of each page of the embedded mesh: the faults that the page is about, and nothing of the others. */
import { expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import { createBackend } from "../../../../src/data/demo/kube/store.ts";
import { scenarioOf, stories } from "../../../../src/data/demo/scenarios/known.ts";
import { kinds } from "../../../../src/data/kubernetes/parse/kinds.ts";
import { declaredFromManifests } from "../../../../src/data/kubernetes/parse/manifests.ts";
import { knownMesh } from "../../../../src/data/mesh/build/knownMesh.ts";
import { checkDeclared } from "../../../../src/data/mesh/checks/runChecks.ts";
import { nameOf } from "../../../../src/data/mesh/declared/meta.ts";

/** Kinds that say something about the mesh, as the API server of the embedded mesh serves them. */
const served = kinds.filter(({ insteadOf }) => insteadOf === null);

/** Half a minute into a scenario: its pods are up. */
function foundIn(name: string, variant: string | null): readonly string[] {
  const begin = Date.UTC(2026, 0, 1);
  const { store } = createBackend({ clock: () => begin });
  const world = playScenario(scenarioOf(name, variant)!, store, 1);
  for (let at = begin; at < begin + 30_000; at += 5000) world.tick(at, at + 5000);
  world.stop();
  const objects = served.flatMap((kind) => store.list(kind));
  // A cluster in which everything may be read, not files that hold a part of one.
  const declared = { ...declaredFromManifests(objects, "default"), fromFiles: false, kinds: [] };
  return checkDeclared(knownMesh(declared)).map(
    ({ code, severity, object, path }) => `${code} ${severity} ${nameOf(object)} ${path}`,
  );
}

/** By `scenario variant`; all others have none. */
const expected: Readonly<Record<string, readonly string[]>> = {
  // Row 1: the route is there, and no Gateway makes anybody listen.
  "bookinfo port-foo": ["MT0901 info Service bookinfo/details spec.ports[0].name"],
  "coolstore no-gateway": [
    "MT0106 error VirtualService istioinaction/webapp-virtualservice spec.gateways[0]",
  ],
  // Row 2: 404 NR.
  "coolstore gateway-only": ["MT0403 warning Gateway istioinaction/coolstore-gateway "],
  // 503 NC, by both rules that name version-v2.
  "coolstore missing-subset": [
    "MT0101 error VirtualService istioinaction/catalog spec.http[0].route[0]",
    "MT0101 error VirtualService istioinaction/catalog spec.http[1].route[1]",
  ],
  // 503 UH: the labels of version-v2 are on no pod.
  "coolstore no-endpoints": ["MT0302 error DestinationRule istioinaction/catalog spec.subsets[1]"],
  "coolstore grpc": ["MT0302 error DestinationRule istioinaction/catalog spec.subsets[1]"],
  // 75 and 25 are each the only destination of a rule, so both are 100: what the page is about.
  "bookinfo jason-weights": [
    "MT0104 warning VirtualService bookinfo/reviews spec.http[0].route[0].weight",
    "MT0104 warning VirtualService bookinfo/reviews spec.http[1].route[0].weight",
  ],
  // Callers inside of the mesh alone: nobody took the Gateway away with its route.
  "helloworld round-robin": ["MT0403 warning Gateway default/helloworld-gateway "],
  "tcp-echo mesh": ["MT0403 warning Gateway tcp-echo/tcp-echo-gateway "],
  // Row 60: nobody but a waypoint would apply either.
  "bookinfo ambient": [
    "MT0118 warning VirtualService bookinfo/reviews spec.hosts[0]",
    "MT0310 warning DestinationRule bookinfo/reviews spec.host",
  ],
  // What is sent to the Service goes past a waypoint for pods.
  "bookinfo ambient-workload-waypoint": [
    "MT0118 warning VirtualService bookinfo/reviews spec.hosts[0]",
    "MT0310 warning DestinationRule bookinfo/reviews spec.host",
  ],
  // Row 65: a method is nothing that ztunnel could know.
  "bookinfo ambient-layer7-policy": ["MT0705 warning AuthorizationPolicy bookinfo/reviews-viewer spec.rules"],
  // Row 67: no policy asks for a token.
  "httpbin jwt-optional": ["MT0706 warning RequestAuthentication default/jwt-example spec.jwtRules"],
  // Row 41: the older Gateway has the exact host, this one `*` on the same port.
  "fleetman shadowed": ["MT0401 info Gateway default/ingress-gateway-configuration spec.servers[0].hosts"],
};

const pages = [...stories].flatMap(([name, { variants }]) =>
  [null, ...variants.map((variant) => variant.name)].map((variant) => [name, variant] as const),
);

test.each(pages)("%s %s", (name, variant) => {
  expect(foundIn(name, variant)).toEqual(expected[`${name} ${variant ?? "-"}`] ?? []);
});

test("every expectation is of a page that exists", () => {
  const names = pages.map(([name, variant]) => `${name} ${variant ?? "-"}`);
  expect(Object.keys(expected).filter((name) => !names.includes(name))).toEqual([]);
});
