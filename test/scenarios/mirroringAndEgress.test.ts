import { describe, expect } from "vitest";
import { serviceOf } from "../support/builtMesh.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

describe("mirrors", () => {
  row(13, "a mirror without a percentage copies everything", async () => {
    const mesh = await meshOfStory("coolstore", "mirror");
    const rule = serviceOf(mesh, "istioinaction/catalog").detail.routes.flatMap(({ rules }) => rules)[0]!;
    expect(rule.mirrors).toMatchObject([{ subset: "version-v2", percent: 1 }]);
    const sent = mesh.graph.edges.find(
      ({ from, to, mirrored }) =>
        from === "workload:istioinaction/webapp" && to === "service:istioinaction/catalog" && !mirrored,
    );
    expect(rule.mirrors[0]!.observed! / sent!.traffic.requests!.rate).toBeCloseTo(1, 1);
  });

  row(14, "a percentage says how much is copied, and 0 keeps the target", async () => {
    const on = await meshOfStory("httpbin", "mirror");
    const off = await meshOfStory("httpbin", "mirror-off");
    const mirrors = [on, off].map(
      (mesh) =>
        serviceOf(mesh, "default/httpbin").detail.routes.flatMap(({ rules }) => rules)[0]!.mirrors[0]!,
    );
    expect(mirrors.map(({ subset, percent }) => [subset, percent])).toEqual([
      ["v2", 1],
      ["v2", 0],
    ]);
    expect(mirrors[0]!.observed).toBeGreaterThan(4);
    expect(mirrors[1]!.observed ?? 0).toBe(0);
  });

  row(15, "mirrored copies are told by who reports them, never by a host's suffix", async () => {
    const mesh = await meshOfStory("httpbin", "mirror");
    const hosts = mesh.graph.nodes.map(({ name }) => name).filter((name) => name.includes("-shadow"));
    expect(hosts).toEqual([]);
    const v2 = serviceOf(mesh, "default/httpbin").detail.versions.find(({ version }) => version === "v2")!;
    expect(v2.mirrored).toBeGreaterThan(4);
    // What nobody waits for is no request: it has no share.
    expect(v2.share?.share ?? 0).toBe(0);
  });
});

describe("the way out", () => {
  row(
    16,
    "an undeclared host under ALLOW_ANY is an outside node by the Host header that was used",
    async () => {
      const { egress } = await meshOfStory("coolstore");
      expect(egress.mesh.mode).toBe("ALLOW_ANY");
      const forum = egress.hosts.filter(({ from }) => from === "istioinaction/forum");
      expect(forum.map(({ kind, host }) => [kind, host])).toEqual([
        ["passthrough", "jsonplaceholder.typicode.com"],
      ]);
    },
  );

  row(
    17,
    "REGISTRY_ONLY is a mode with its source, and what it cuts is a black hole that answers 502",
    async () => {
      const { egress } = await meshOfStory("coolstore", "registry-only");
      expect(egress.mesh).toMatchObject({
        mode: "REGISTRY_ONLY",
        from: { kind: "ConfigMap", name: "istio" },
      });
      const [cut, ...others] = egress.hosts.filter(({ from }) => from === "istioinaction/forum");
      expect(others).toEqual([]);
      expect(cut!.kind).toBe("blackhole");
      expect(Object.keys(cut!.traffic.requests!.codes!)).toEqual(["502"]);
    },
  );

  row(18, "a ServiceEntry turns the outside node into a service", async () => {
    const mesh = await meshOfStory("coolstore", "service-entry");
    const entry = mesh.services.find(({ host }) => host === "jsonplaceholder.typicode.com")!;
    expect(entry.kind).toBe("external");
    expect(entry.traffic.requests!.rate).toBeGreaterThan(1.5);
    const known = mesh.egress.hosts.filter(({ from }) => from === "istioinaction/forum");
    expect(known.map(({ kind }) => kind)).toEqual(["external"]);
  });

  row(19, "the mesh's settings are those of the ConfigMap, comments and all", async () => {
    const { egress } = await meshOfStory("coolstore", "registry-only");
    expect(egress.mesh.from).toMatchObject({ kind: "ConfigMap", namespace: "istio-system", name: "istio" });
    expect(egress.mesh.written).toBe("REGISTRY_ONLY");
  });
});
