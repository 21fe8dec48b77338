import { describe, expect, test } from "vitest";
import type { WantedChange } from "../../src/actions/change.ts";
import { demandOf, levelOf, mayWrite } from "../../src/actions/guard.ts";
import { instant, percent } from "../../src/data/mesh/units.ts";

const mirror: WantedChange = {
  kind: "mirror",
  service: "shop/catalog",
  route: {
    group: "networking.istio.io",
    version: "v1",
    kind: "VirtualService",
    namespace: "shop",
    name: "catalog",
  },
  protocol: "http",
  rule: 0,
  at: null,
  percent: percent(10),
  to: null,
};

describe("the level of a context", () => {
  test("is that of the first rule that fits its name", () => {
    const rules = [
      { context: /^prod-eu$/, level: "open" },
      { context: /^prod/, level: "read-only" },
    ] as const;
    expect(levelOf("prod-eu", rules)).toBe("open");
    expect(levelOf("prod-us", rules)).toBe("read-only");
  });

  test("without a rule is protected where the name speaks of production, and open elsewhere", () => {
    expect(levelOf("gke_shop_PROD-eu", [])).toBe("protected");
    expect(levelOf("kind-kind", [])).toBe("open");
  });

  test("read-only lets nothing be written but while it is armed", () => {
    expect(mayWrite("read-only", null, instant(0))).toBe(false);
    expect(mayWrite("read-only", instant(1000), instant(999))).toBe(true);
    expect(mayWrite("read-only", instant(1000), instant(1000))).toBe(false);
    expect(mayWrite("protected", null, instant(0))).toBe(true);
  });
});

describe("a yes", () => {
  test("is y in an open context, and y and Y where somebody is cut off", () => {
    expect(demandOf({ change: mirror, grave: false }, "open", "kind")).toEqual({ is: "key" });
    expect(demandOf({ change: mirror, grave: true }, "open", "kind")).toEqual({ is: "twice" });
  });

  test("is the context's or the service's name in a protected one, grave or not", () => {
    for (const grave of [true, false]) {
      expect(demandOf({ change: mirror, grave }, "protected", "prod")).toEqual({
        is: "name",
        names: ["prod", "catalog"],
      });
    }
  });
});
