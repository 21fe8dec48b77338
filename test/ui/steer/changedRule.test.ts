import { expect, test } from "vitest";
import type { OutboundChange } from "../../../src/actions/change.ts";
import { changeTitle } from "../../../src/ui/steer/changedRule.ts";
import { coolstore, refOf } from "../../support/meshFixture.ts";

test.each<[OutboundChange["target"], string]>([
  [{ is: "mesh", configMap: refOf("ConfigMap", "istio-system", "istio") }, "the mesh"],
  [{ is: "sidecar", namespace: "shop", labels: null }, "namespace shop"],
  [{ is: "sidecar", namespace: "shop", labels: { app: "forum" } }, "a workload in shop"],
])("an outbound policy is for no more than its target: %j is %s", (target, scope) => {
  const title = changeTitle(coolstore(), { kind: "outbound", target, mode: "REGISTRY_ONLY" });
  expect(title).toMatch(new RegExp(`: ${scope}$`));
});
