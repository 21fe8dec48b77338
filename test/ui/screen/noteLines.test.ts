import { describe, expect, test } from "vitest";
import type { Arrival, ArrivalState } from "../../../src/data/mesh/arrival.ts";
import { millis, ratio } from "../../../src/data/mesh/units.ts";
import { wilson } from "../../../src/data/mesh/wilson.ts";
import { lineWidth } from "../../../src/ui/paint/line.ts";
import { steeredDashboard, type FakeAnswers, type SteeredDashboard } from "../../support/fakeSteering.ts";
import { coolstore, withRoutes } from "../../support/meshFixture.ts";

const row = (name: string, before: number, after: number) => ({
  name,
  before: { weight: before, share: ratio(before / 100) },
  after: { weight: after, share: ratio(after / 100) },
});

/** Any plan of these shifts 90 and 10 to 50 and 50. */
const half: FakeAnswers = { plan: { weights: [row("version-v1", 90, 50), row("version-v2", 10, 50)] } };

function arrivalOf(state: ArrivalState, second: number, more: Partial<Arrival> = {}): Arrival {
  const n = 1000;
  const destination = (name: string, requests: number) => ({
    name,
    wanted: ratio(0.5),
    requests,
    observed: ratio(requests / n),
    ...wilson(requests, n),
  });
  return {
    state,
    reason: null,
    counts: "requests",
    destinations: [destination("version-v1", n - second), destination("version-v2", second)],
    n,
    elapsed: millis(40_000),
    counted: millis(20_000),
    propagation: null,
    note: null,
    ...more,
  };
}

async function shiftHere(app: SteeredDashboard, key = "="): Promise<void> {
  app.press("w", key, "enter");
  await app.ask();
  app.press("y");
  app.pass(250);
  await app.settle();
  app.press("esc");
}

const told = (app: SteeredDashboard): string =>
  app
    .screen()
    .split("\n")
    .filter((line) => /^ (→|-|!) /.test(line))
    .join("\n");

describe("a shift that was applied", () => {
  test("says how far it has come, below the view and beside its rule", async () => {
    const app = steeredDashboard(half);
    await shiftHere(app);
    expect(told(app)).toBe(" → catalog, rule 2 of 3: applied; counting has not begun");
    // 480 of 1000, Wilson at 95 %: 0.449 to 0.511, three points to either side.
    app.progress[0]?.(arrivalOf("arriving", 480));
    expect(told(app)).toBe(" → catalog, rule 2 of 3, 40 s: applied; 48 % ±3 of 50 % so far (n 1000)");
    expect(app.screen()).toContain(
      "since the shift, 40 s: version-v1 52 % ±3 of 50 %, version-v2 48 % ±3 of 50 %, n 1000",
    );
    app.press(":services", "enter");
    expect(told(app)).toContain("48 % ±3 of 50 %");
  });

  test("says that it agrees and how long proxies took, and is gone a minute later", async () => {
    const app = steeredDashboard(half);
    await shiftHere(app);
    const propagation = { p50: millis(120), p99: millis(400) };
    app.progress[0]?.(arrivalOf("agrees", 500, { elapsed: millis(35_000), propagation }));
    expect(told(app)).toContain("agrees after 35 s: applied; 50 % ±3 observed of 50 % (n 1000)");
    expect(app.screen()).toContain("proxies had it after 120 ms (99 %: 400 ms)");
    app.pass(59_000);
    expect(told(app)).toContain("agrees");
    app.pass(1_000);
    expect(told(app)).toBe("");
  });

  test.each([
    ["no traffic", "no request has come since"],
    ["late", "still 31 % ±3 of 50 % after 2 min"],
  ] as const)("that ends with %s stays until it is cleared", async (state, words) => {
    const app = steeredDashboard(half);
    await shiftHere(app);
    app.progress[0]?.(arrivalOf(state, 310, { elapsed: millis(120_000) }));
    app.pass(600_000);
    expect(app.screen()).toContain(words);
    app.press("c");
    expect(told(app)).toBe("");
    expect(app.asked.at(-1)).toBe("unfollow");
  });

  test("is counted no more when it is cleared, and what still comes is nobody's", async () => {
    const app = steeredDashboard(half);
    await shiftHere(app);
    app.press("c");
    expect(app.asked.at(-1)).toBe("unfollow");
    app.progress[0]?.(arrivalOf("arriving", 480));
    expect(told(app)).toBe("");
  });

  test("makes place for the next shift of its rule", async () => {
    const app = steeredDashboard(half);
    await shiftHere(app);
    await shiftHere(app, "!");
    expect(app.asked.filter((one) => /^(un)?follow/.test(one))).toEqual([
      "follow 0.5,0.5",
      "unfollow",
      "follow 0.5,0.5",
    ]);
    expect(app.program.state().following).toHaveLength(1);
  });

  test("stands beside that of another rule: the newest first, and what is over below what is counted", async () => {
    const mesh = coolstore();
    const services = mesh.services.map((service) =>
      withRoutes(service, (route) => {
        const [first, second] = route.rules;
        return first === undefined || second === undefined
          ? route
          : { ...route, rules: [{ ...second, index: 0 }, second] };
      }),
    );
    const app = steeredDashboard(half, { mesh: { ...mesh, services } });
    app.press("j");
    await shiftHere(app);
    app.press("k", "k", "k");
    await shiftHere(app);
    const heads = (): readonly (string | undefined)[] =>
      told(app)
        .split("\n")
        .map((line) => /rule \d/.exec(line)?.[0]);
    expect(heads()).toEqual(["rule 1", "rule 2"]);
    app.progress[1]?.(arrivalOf("late", 310));
    expect(heads()).toEqual(["rule 2", "rule 1"]);
    app.press("c");
    expect(heads()).toEqual(["rule 2"]);
  });
});

describe("what the start found out", () => {
  const explained = [
    "shift shop/catalog, rule 1 was interrupted. It was applied (VirtualService shop/catalog: applied).",
    "Canary shop/cart is suspended, since 2026-11-20T03:12:00Z: undo of k3f9 takes that back.",
  ];
  const started = async (columns = 120, rows = 40): Promise<SteeredDashboard> => {
    const app = steeredDashboard({ explained });
    app.program.dispatch({ is: "resize", columns, rows });
    app.program.connect({ ...app.props, steering: null });
    app.program.connect(app.props);
    await app.settle();
    return app;
  };

  test("stays on the screen until each of it was cleared, and in :notes after that", async () => {
    const app = await started();
    app.pass(3_600_000);
    app.press(":services", "enter");
    expect(told(app)).toContain("It was applied");
    expect(told(app)).toContain("Canary shop/cart is suspended");
    app.press("c");
    expect(told(app)).not.toContain("Canary shop/cart");
    app.press("c");
    expect(told(app)).toBe("");
    app.press("c");
    expect(app.flash()).toBe("No note is on the screen.");
    app.press(":notes", "enter");
    for (const sentence of explained) expect(app.screen()).toContain(sentence.slice(0, 40));
  });

  test("gives its lines to a question, and has them again after it", async () => {
    const app = await started();
    app.press("w");
    expect(told(app)).toBe("");
    app.press("esc");
    expect(told(app)).toContain("It was applied");
  });

  test.each([
    [40, 10],
    [60, 14],
    [80, 24],
    [200, 60],
  ])("fits a screen of %d x %d, and says where the rest is", async (columns, rows) => {
    const app = await started(columns, rows);
    const lines = app.lines();
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
    expect(app.screen()).toContain("! shift shop/catalog");
    if (rows < 14) expect(app.screen()).toContain("(1 more: :notes)");
    else expect(app.screen()).toContain("! Canary shop/cart");
  });
});
