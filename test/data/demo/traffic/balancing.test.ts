import { describe, expect, test } from "vitest";
import { custom } from "../../../../src/data/demo/scenarios/objects.ts";
import { fourSigma, smallMesh, subsetsOf } from "./smallMesh.ts";

const sticky = (consistentHash: Record<string, string | boolean | Record<string, string>>) =>
  subsetsOf({ trafficPolicy: { loadBalancer: { consistentHash } } });

const to = (workload: string) => ({ reporter: "source", destination_workload: workload });

describe("consistentHash", () => {
  test("a header pins its requests to one version, whoever of the caller's pods sends them", async () => {
    const mesh = smallMesh({
      objects: [sticky({ httpHeaderName: "x-user" })],
      call: { headers: { "x-user": "jason" } },
    });
    mesh.pass(60);
    const counts = [await mesh.requests(to("api")), await mesh.requests(to("api-v2"))];
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBeGreaterThan(1000);
  });

  test("without the header anybody is picked", async () => {
    const mesh = smallMesh({ objects: [sticky({ httpHeaderName: "x-user" })] });
    mesh.pass(60);
    const [one, all] = [await mesh.requests(to("api")), await mesh.requests({ reporter: "source" })];
    expect(Math.abs(one - all / 2)).toBeLessThan(fourSigma(all, 0.5));
  });

  test("each of the caller's pods has one server by its address", async () => {
    const mesh = smallMesh({ objects: [sticky({ useSourceIp: true })] });
    mesh.pass(60);
    const pods = mesh.store
      .list({ group: "", kind: "Pod" })
      .filter(({ metadata }) => metadata.labels?.["app"] === "caller");
    expect(pods).toHaveLength(2);
    for (const { metadata } of pods) {
      const counts = await Promise.all(
        ["api", "api-v2"].map((name) => mesh.requests({ ...to(name), pod: metadata.name })),
      );
      expect(Math.min(...counts)).toBe(0);
    }
  });
});

test("what a policy denies is counted 403 by both proxies, and reaches no program", async () => {
  const mesh = smallMesh({
    objects: [
      custom("AuthorizationPolicy", {
        namespace: "shop",
        name: "nobody",
        spec: { selector: { matchLabels: { app: "api" } }, action: "DENY", rules: [{}] },
      }),
    ],
  });
  mesh.pass(30);
  const all = await mesh.requests({ reporter: "source" });
  expect(await mesh.requests({ reporter: "source", response_code: "403", response_flags: "-" })).toBe(all);
  expect(await mesh.requests({ reporter: "destination", response_code: "403" })).toBe(all);
});
