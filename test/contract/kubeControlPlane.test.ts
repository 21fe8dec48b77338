import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realServersAbsent, startControlPlane, type ControlPlane } from "../support/controlPlane.ts";

const absent = realServersAbsent();

describe.skipIf(absent !== null)(`the test rig's real control plane (${absent ?? "present"})`, () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane();
  });
  afterAll(async () => {
    await plane.stop();
  });

  const routes = "/apis/networking.istio.io/v1";
  const asLimited = (path: string) =>
    plane.fetch(path, { headers: { authorization: `Bearer ${plane.limited.token}` } });

  test("serves Istio's kinds to the administrator", async () => {
    const answer = await plane.fetch(`${routes}/virtualservices`);
    expect(answer.status).toBe(200);
  });

  test("refuses the limited user until a right is granted, in that namespace only", async () => {
    const path = `${routes}/namespaces/default/virtualservices`;
    expect((await asLimited(path)).status).toBe(403);
    await plane.grant(
      [{ apiGroups: ["networking.istio.io"], resources: ["virtualservices"], verbs: ["list"] }],
      "default",
    );
    expect((await asLimited(path)).status).toBe(200);
    expect((await asLimited(`${routes}/virtualservices`)).status).toBe(403);
  });
});
