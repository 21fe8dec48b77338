/** Whatever the mesh, the size and the keys: a frame is never larger than the terminal, and never broken. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Service } from "../../src/data/mesh/model/service.ts";
import { ratio } from "../../src/data/mesh/units.ts";
import { bindings } from "../../src/ui/keys.ts";
import { lineWidth, plain } from "../../src/ui/paint/line.ts";
import { dashboardOf } from "../support/dashboard.ts";
import {
  coolstore,
  destinationOf,
  httpOf,
  observedOf,
  refOf,
  ruleOf,
  serviceOf,
  versionOf,
} from "../support/meshFixture.ts";

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9-]{0,40}$/),
  fc.constantFrom("商品目錄", "e\u0301tat", "🚀", "x".repeat(200), "ﷺ", "ไทย"),
);
const part = fc.double({ min: 0, max: 1, noNaN: true });
const traffic = fc
  .tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), part, fc.double({ min: 0, max: 1e6 }))
  .map(([rate, errors, p95]) =>
    httpOf(rate, errors, p95, { flags: { UO: httpOf(rate, 0, 0).requests!.rate } }),
  );

const service: fc.Arbitrary<Service> = fc
  .record({
    name,
    namespace: fc.constantFrom("a", "istioinaction", "名前"),
    traffic,
    share: part,
    weight: fc.nat(1000),
  })
  .map(({ name: own, namespace, traffic: seen, share, weight }) => {
    const ref = refOf("VirtualService", namespace, own);
    const observed = observedOf(share, 0.1, weight);
    const split = destinationOf(own, { subset: own, weight, share: ratio(share), observed, traffic: seen });
    const rule = ruleOf(ref, {
      matches: [own],
      destinations: [split, { ...split, index: 1, problem: "no endpoints" }],
    });
    return serviceOf(
      own,
      {
        traffic: seen,
        versions: [versionOf(own, own, seen, observed)],
        routes: [{ ref, scope: { mesh: true, gateways: [own] }, hosts: [own], rules: [rule] }],
      },
      namespace,
    );
  });

const services = fc.uniqueArray(service, { maxLength: 40, selector: ({ key }) => key });
const notes = fc.array(name, { maxLength: 3 });

/** Never out of the program: what is left is a screen to look at. */
const keys = bindings.flatMap((binding) => binding.keys).filter((key) => key !== "q" && key !== "ctrl-c");
const typed = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...keys) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(":traffic", ":graph", ":mtls", "/商", "/a[", "-l a=b", ":ns a", "\u202e"),
  },
);

test("a frame has the terminal's rows, none wider than its columns, whatever is pressed", () => {
  fc.assert(
    fc.property(
      fc.record({ services, notes }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(typed, { maxLength: 25 }),
      (any, columns, rows, pressed) => {
        const sources = { ...coolstore().sources, notes: any.notes };
        const app = dashboardOf({ columns, rows }, { mesh: coolstore({ services: any.services, sources }) });
        for (const key of pressed) {
          app.press(key);
          const lines = app.lines();
          expect(lines).toHaveLength(rows);
          for (const line of lines) {
            expect(lineWidth(line), plain(line)).toBeLessThanOrEqual(columns);
            expect(plain(line)).not.toMatch(/[\p{Cc}\u202e]|NaN|undefined/u);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);

test("a resize at any moment gives a whole frame of the new size", () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 })), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(typed, { maxLength: 6 }), sizes, (pressed, all) => {
      const app = dashboardOf({ columns: 80, rows: 24 });
      app.press(...pressed);
      for (const [columns, rows] of all) {
        app.program.dispatch({ is: "resize", columns, rows });
        expect(app.lines()).toHaveLength(rows);
        for (const line of app.lines()) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
