import { describe, expect, test } from "vitest";
import type { Box } from "../../../src/ui/graph/boxes.ts";
import { groupGraph } from "../../../src/ui/graph/groupGraph.ts";
import { http, locked, plaintext, sketchMesh, tcp, type Sketch } from "./handmadeMesh.ts";
import { coolstore, cycle, shop } from "./handmadeMeshes.ts";

const group = (sketch: Sketch): ReturnType<typeof groupGraph> => {
  const { graph, mesh } = sketchMesh(sketch);
  return groupGraph(graph, mesh);
};

const boxNamed = (boxes: readonly Box[], key: string): Box => boxes.find((box) => box.key === key)!;

describe("boxes", () => {
  test("a service and the workloads that answer for it are one box; its versions carry share beside weight", () => {
    const { boxes } = groupGraph(coolstore.graph, coolstore.mesh);
    const catalog = boxNamed(boxes, "service:istioinaction/catalog");
    expect(boxes.some((box) => box.key === "workload:istioinaction/catalog-v2")).toBe(false);
    expect(catalog.versions.map(({ name, share, weight }) => ({ name, share, weight }))).toEqual([
      { name: "version-v1", share: 0.89, weight: 90 },
      { name: "version-v2", share: 0.11, weight: 10 },
    ]);
  });

  test("a single version has no row of its own", () => {
    const { boxes } = groupGraph(coolstore.graph, coolstore.mesh);
    expect(boxNamed(boxes, "service:istioinaction/webapp").versions).toEqual([]);
  });

  test("calls of any version leave from the service's box, as one call", () => {
    const { calls } = groupGraph(coolstore.graph, coolstore.mesh);
    const toMongo = calls.filter((call) => call.to === "service:istioinaction/mongodb");
    expect(toMongo.map((call) => call.from)).toEqual(["service:istioinaction/catalog"]);
    expect(toMongo[0]?.traffic.connections?.received).toBe(3800 + 300);
  });

  test("names stand alone in the namespace that most boxes are in, and say their own elsewhere", () => {
    const { boxes, home } = groupGraph(coolstore.graph, coolstore.mesh);
    expect(home).toBe("istioinaction");
    expect(boxes.map((box) => box.title)).toContain("istio-system/istio-ingressgateway");
    expect(boxes.map((box) => box.title)).toContain("webapp");
  });

  test("without such a namespace every name says its own", () => {
    const services = [
      { name: "a", namespace: "one", traffic: http(1) },
      { name: "b", namespace: "two", traffic: http(1) },
    ];
    const { boxes, home } = group({ namespace: "one", services, calls: [] });
    expect(home).toBeNull();
    expect(boxes.map((box) => box.title)).toEqual(["one/a", "two/b"]);
  });

  test("a name that carries control characters is cleaned", () => {
    const { boxes } = group({
      namespace: "n",
      services: [{ name: "a", traffic: http(1) }],
      calls: [{ from: "a", to: "passthrough:evil\u001b[2Jhost\u202egpj", traffic: http(1) }],
    });
    const outside = boxes.find((box) => box.kind === "passthrough");
    expect(outside?.title).toBe("evil\ufffd[2Jhost\ufffdgpj");
  });

  test("Flagger's primary and canary services stand as versions in the box of the service that clients call", () => {
    const canary = coolstore.mesh.canaries[0]!;
    const { boxes, calls } = group({
      namespace: "istioinaction",
      services: [
        { name: "webapp", traffic: http(4) },
        { name: "recommendation", traffic: { requests: null, connections: null }, versions: [] },
        {
          name: "recommendation-primary",
          traffic: http(3.2),
          versions: [{ workload: "recommendation-primary", traffic: http(3.2) }],
        },
        {
          name: "recommendation-canary",
          traffic: http(0.8),
          versions: [{ workload: "recommendation", traffic: http(0.8) }],
        },
      ],
      calls: [
        { from: "webapp", to: "recommendation-primary", traffic: http(3.2) },
        { from: "webapp", to: "recommendation-canary", traffic: http(0.8) },
      ],
      canaries: [canary],
    });
    expect(boxes.map((box) => box.key)).toEqual([
      "service:istioinaction/recommendation",
      "service:istioinaction/webapp",
    ]);
    const box = boxNamed(boxes, "service:istioinaction/recommendation");
    expect(box.versions.map((row) => row.name)).toEqual(["canary", "primary"]);
    expect(box.traffic.requests?.rate).toBeCloseTo(4);
    expect(calls.map((call) => call.traffic.requests?.rate)).toEqual([4]);
    expect(box.badges.map((badge) => badge.text)).toContain("canary");
  });

  test("a gateway shows what it sends, because nobody in the mesh calls it", () => {
    const { boxes } = groupGraph(coolstore.graph, coolstore.mesh);
    const gateway = boxNamed(boxes, "workload:istio-system/istio-ingressgateway");
    expect(gateway.traffic.requests?.rate).toBe(12);
  });

  test("a breaker that trips reads otherwise than one that is only defined, and keeps the same room", () => {
    const badgesOf = (mesh: typeof shop, key: string) =>
      boxNamed(groupGraph(mesh.graph, mesh.mesh).boxes, key).badges.map(({ text, width }) => ({
        text,
        width,
      }));
    expect(badgesOf(coolstore, "service:istioinaction/catalog")[0]).toEqual({ text: "TRIP", width: 5 });
    expect(badgesOf(shop, "service:shop/frontend")[0]).toEqual({ text: "cb", width: 5 });
    expect(badgesOf(shop, "service:shop/payment").map((badge) => badge.text)).toEqual(["fault", "L"]);
  });
});

describe("calls", () => {
  test("a service that calls itself keeps that call", () => {
    const { calls } = groupGraph(cycle.graph, cycle.mesh);
    expect(calls.some((call) => call.from === call.to && call.from === "service:billing/stock")).toBe(true);
  });

  test("mirrored copies stay apart and count for nobody's rate", () => {
    const { boxes, calls } = group({
      namespace: "n",
      services: [
        { name: "a", traffic: http(1) },
        { name: "b", traffic: { requests: null, connections: null } },
      ],
      calls: [
        { from: "a", to: "b", traffic: http(10) },
        { from: "a", to: "b", traffic: http(4), mirrored: true },
      ],
    });
    expect(calls.map(({ isMirrored, traffic }) => [isMirrored, traffic.requests?.rate])).toEqual([
      [false, 10],
      [true, 4],
    ]);
    expect(boxNamed(boxes, "service:n/b").traffic.requests?.rate).toBe(10);
    expect(boxNamed(boxes, "service:n/a").outbound.requests?.rate).toBe(10);
  });

  test("errors of several callers weigh by their rates: 10 of 100 and none of 300 are 2.5 %", () => {
    const { calls } = group({
      namespace: "n",
      services: [
        {
          name: "a",
          traffic: http(1),
          versions: [
            { workload: "a-v1", traffic: http(1) },
            { workload: "a-v2", traffic: http(1) },
          ],
        },
        { name: "b", traffic: http(1) },
      ],
      calls: [
        { from: "a-v1", to: "b", traffic: http(100, 0.1, 50), lock: locked },
        { from: "a-v2", to: "b", traffic: http(300, 0, 20), lock: plaintext },
      ],
    });
    const [call] = calls;
    expect(calls.length).toBe(1);
    expect(call?.traffic.requests?.errors).toBeCloseTo(0.025);
    expect(call?.traffic.requests?.p95).toBe(50);
    expect(call?.lock).toMatchObject({ state: "partial", mtls: 0.25 });
  });

  test("an edge to a node that the graph does not list is left out", () => {
    const { graph, mesh } = sketchMesh({
      namespace: "n",
      services: [{ name: "a", traffic: http(1) }],
      calls: [{ from: "a", to: "b", traffic: tcp(1) }],
    });
    expect(groupGraph(graph, mesh).calls).toEqual([]);
  });
});
