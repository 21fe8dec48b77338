import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fail, type Result } from "../../../src/data/mesh/result.ts";
import { millis, percent, ratio } from "../../../src/data/mesh/units.ts";
import type { Proposal } from "../../../src/actions/proposal.ts";
import type { WeightEditor } from "../../../src/ui/state/steering.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { fakeSteering, steeredDashboard, type SteeredDashboard } from "../../support/fakeSteering.ts";
import { coolstore, refOf, withRoutes } from "../../support/meshFixture.ts";

const editor = (app: SteeredDashboard): WeightEditor | null => {
  const { dialog } = app.program.state();
  return dialog?.is === "weights" ? dialog : null;
};

const weightsAfter = (...keys: readonly string[]): readonly number[] | undefined => {
  const app = steeredDashboard();
  app.press("w", ...keys);
  return editor(app)?.weights;
};

describe("w on a destination of the traffic view", () => {
  test("opens the weights of its rule, as written, with the cursor on it", () => {
    const app = steeredDashboard();
    app.press("w");
    expect(editor(app)).toMatchObject({
      names: ["version-v1", "version-v2"],
      written: [90, 10],
      weights: [90, 10],
      row: 1,
      of: { service: "istioinaction/catalog", rule: 1, protocol: "http", weights: [90, 10] },
    });
  });

  // 90 + 10 is kept by every key.
  test.each([
    [["+"], [85, 15]],
    [["-"], [95, 5]],
    [
      ["-", "-", "-"],
      [100, 0],
    ],
    [[">"], [89, 11]],
    [["<"], [91, 9]],
    [["shift-right"], [89, 11]],
    [["shift-left"], [91, 9]],
    [["0"], [100, 0]],
    [
      ["2", "0"],
      [80, 20],
    ],
    [
      ["2", "0", "backspace"],
      [98, 2],
    ],
    [
      ["2", "backspace"],
      [90, 10],
    ],
    [
      ["7", "0", "0"],
      [0, 100],
    ],
    [["="], [50, 50]],
    [["!"], [0, 100]],
    [
      ["up", "0"],
      [0, 100],
    ],
    [
      ["+", "-"],
      [90, 10],
    ],
  ])("%j makes 90 and 10 to %j", (keys, weights) => {
    expect(weightsAfter(...keys)).toEqual(weights);
  });

  test("n makes weights that sum to something else to parts of 100", () => {
    const mesh = coolstore();
    const services = mesh.services.map((service) =>
      withRoutes(service, (route) => ({
        ...route,
        rules: route.rules.map((rule) => ({
          ...rule,
          destinations: rule.destinations.map((one) => ({
            ...one,
            weight: one.weight === null ? null : one.weight / 10,
          })),
        })),
      })),
    );
    const app = steeredDashboard({}, { mesh: { ...mesh, services } });
    app.press("w");
    expect(editor(app)?.weights).toEqual([9, 1]);
    app.press("n");
    expect(editor(app)?.weights).toEqual([90, 10]);
    app.press("5", "0");
    expect(editor(app)?.weights).toEqual([50, 50]);
  });

  test("digits for another row begin anew", () => {
    const app = steeredDashboard();
    app.press("w", "2", "up", "3");
    expect(editor(app)).toMatchObject({ row: 0, typed: "3", weights: [3, 97] });
  });

  test("esc leaves it, and nothing was asked", () => {
    const app = steeredDashboard();
    app.press("w", "0", "esc");
    expect(app.program.state().dialog).toBeNull();
    expect(app.asked).toEqual([]);
  });

  test("enter on weights that are the old ones asks nothing", () => {
    const app = steeredDashboard();
    app.press("w", "+", "-", "enter");
    expect(app.asked).toEqual([]);
    expect(app.flash()).toBe("These weights are the ones that are there.");
  });

  test("the sum of the object is kept by any keys", () => {
    const anyKey = fc.constantFrom(..."+-<>=!0123456789".split(""), "up", "down", "backspace");
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 30 }), (keys) => {
        const weights = weightsAfter(...keys) ?? [];
        expect(weights[0]! + weights[1]!).toBe(100);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 50 },
    );
  });
});

describe("w elsewhere", () => {
  test("on a rule with one destination says that there is nothing to shift", () => {
    const app = steeredDashboard();
    app.press("k", "k", "w");
    expect(app.flash()).toBe("Rule 1 has one destination, which gets everything: there is nothing to shift.");
  });

  test("on a service in the table opens its only editable rule, on its worst destination", () => {
    const app = steeredDashboard();
    app.press(":services", "enter", "g", "w");
    expect(app.program.contextOf(app.program.state()).selected?.key).toBe("istioinaction/catalog");
    expect(editor(app)).toMatchObject({ of: { rule: 1 }, row: 1 });
  });

  test("on a service with several editable rules goes to its traffic, and asks to choose one", () => {
    const mesh = coolstore();
    const services = mesh.services.map((service) =>
      withRoutes(service, (route) => {
        const [first, second] = route.rules;
        return first === undefined || second === undefined
          ? route
          : { ...route, rules: [{ ...second, index: 0 }, second] };
      }),
    );
    const app = steeredDashboard({}, { mesh: { ...mesh, services } });
    app.press(":services", "enter", "g", "w");
    expect(app.program.state().dialog).toBeNull();
    expect(app.screen()).toContain("traffic istioinaction/catalog");
    expect(app.flash()).toBe("istioinaction/catalog has several rules: put the cursor on one and press w.");
  });

  test("on a service without weights says so", () => {
    const app = steeredDashboard();
    app.press(":services /forum", "enter", "w");
    expect(app.flash()).toBe("No rule of istioinaction/forum has several destinations to shift between.");
  });
});

describe("w 2 0 enter typed ahead", () => {
  test("in one piece is the weight 20, and one question", async () => {
    const app = steeredDashboard();
    app.chunk("w", "2", "0", "enter");
    await app.settle();
    expect(app.asked).toEqual(["propose shift 80,20"]);
    expect(app.phase()).toBe("asked");
  });

  test("with a y behind it writes nothing: the y came before the question", async () => {
    const app = steeredDashboard();
    app.chunk("w", "2", "0", "enter", "y");
    expect(app.flash()).toBe("Typed before the question was shown: not counted.");
    await app.ask();
    app.pass(10_000);
    expect(app.applied).toEqual([]);
    expect(app.phase()).toBe("asked");
  });

  test("with a y right after the frame writes nothing either", async () => {
    const app = steeredDashboard();
    app.chunk("w", "2", "0", "enter");
    await app.settle();
    app.paint();
    app.pass(100);
    app.press("y");
    app.pass(10_000);
    expect(app.applied).toEqual([]);
    expect(app.flash()).toBe("");
  });
});

describe("a question that is answered with y", () => {
  test("writes once, a quarter of a second later, and shows what came of it", async () => {
    const app = steeredDashboard();
    app.press("w", "+", "enter");
    await app.ask();
    app.press("y");
    expect(app.applied).toEqual([]);
    app.pass(250);
    expect(app.phase()).toBe("writing");
    await app.settle();
    expect(app.asked).toEqual(["propose shift 85,15", "apply shift 85,15"]);
    expect(app.phase()).toBe("written");
    app.pass(60_000);
    expect(app.applied).toHaveLength(1);
  });

  test("has a key for no, which closes once there is nothing left to say no to", async () => {
    const app = steeredDashboard();
    app.press("w", "+", "enter");
    await app.ask();
    expect(app.screen()).toContain("n no");
    app.press("y");
    app.pass(250);
    await app.settle();
    expect(app.screen()).toContain("n close");
    expect(app.screen()).not.toContain("n no");
  });

  test("never writes where no frame with it has left", async () => {
    const app = steeredDashboard();
    app.press("w", "+", "enter");
    await app.settle();
    app.pass(60_000);
    app.press("y");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
  });

  test("does not write where something is pressed right after it", async () => {
    const app = steeredDashboard();
    app.press("w", "+", "enter");
    await app.ask();
    app.press("y");
    app.pass(100);
    app.press("e");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
    expect(app.phase()).toBe("asked");
  });

  test.each(["n", "esc", "q", "ctrl-c"])(
    "is closed by %s, and a late y is no answer to anything",
    async (key) => {
      const app = steeredDashboard();
      app.press("w", "+", "enter");
      await app.ask();
      app.press(key);
      expect(app.program.state().dialog).toBeNull();
      expect(app.flash()).toBe("Nothing was written.");
      app.press("y");
      app.pass(60_000);
      expect(app.applied).toEqual([]);
      expect(app.calls).not.toContain("exit");
    },
  );

  test("is closed by a no that follows the yes", async () => {
    const app = steeredDashboard();
    app.press("w", "+", "enter");
    await app.ask();
    app.press("y");
    app.pass(100);
    app.press("n");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
  });

  test("enter is never yes", async () => {
    const app = steeredDashboard();
    app.press("w", "+", "enter");
    await app.ask();
    app.press("enter");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
    expect(app.phase()).toBe("asked");
  });
});

describe("all or nothing for somebody", () => {
  const grave = { plan: { grave: true } };

  test("asks for y, and then for Y after another sentence was painted", async () => {
    const app = steeredDashboard(grave);
    app.press("w", "0", "enter");
    await app.ask();
    app.press("y");
    expect(app.question()?.phase).toMatchObject({ is: "asked", said: true });
    app.press("Y");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
    await app.ask();
    app.press("Y");
    app.pass(250);
    await app.settle();
    expect(app.asked.at(-1)).toBe("apply shift 100,0");
  });

  test("does not take two y", async () => {
    const app = steeredDashboard(grave);
    app.press("w", "0", "enter");
    await app.ask();
    app.press("y");
    await app.ask();
    app.press("y");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
  });
});

describe("a protected context", () => {
  const session = { level: "protected", context: "prod-eu" } as const;

  test.each(["prod-eu", "catalog"])("asks for a name: %s", async (name) => {
    const app = steeredDashboard({}, { session });
    app.press("w", "+", "enter");
    await app.ask();
    app.press("y", "enter");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
    app.press(...Array.from(name), "enter");
    app.pass(250);
    await app.settle();
    expect(app.applied).toHaveLength(1);
  });

  test("n and q are letters there, and esc is no", async () => {
    const app = steeredDashboard({}, { session });
    app.press("w", "+", "enter");
    await app.ask();
    app.press("n", "q");
    expect(app.question()?.phase).toMatchObject({ typed: "nq" });
    app.press("backspace", "backspace");
    expect(app.question()?.phase).toMatchObject({ typed: "" });
    app.press("esc");
    expect(app.program.state().dialog).toBeNull();
  });
});

describe("a read-only context", () => {
  const session = { level: "read-only", context: "prod-eu" } as const;
  const why = "This is a read-only context: --write, or :write 15m, arms it.";

  test.each(["w", "m", "o", "p", "z", "Z"])("%s says so, and opens nothing", (key) => {
    const app = steeredDashboard({}, { session, mesh: coolstore() });
    app.press(key);
    expect(app.flash()).toBe(why);
    expect(app.program.state().dialog).toBeNull();
    expect(app.asked).toEqual([]);
  });

  test("has none of these keys in its footer", () => {
    const app = steeredDashboard({}, { session });
    expect(app.screen()).not.toContain("w shift");
    expect(app.screen()).toContain("[ro]");
  });

  test("is armed for a while, then asks for a name, and is read-only again by itself", async () => {
    const app = steeredDashboard({}, { session });
    app.program.dispatch({ is: "arm", for: millis(900_000) });
    expect(app.screen()).toContain("w shift");
    app.press("w", "+", "enter");
    await app.ask();
    expect(app.question()?.phase).toMatchObject({ demand: { is: "name", names: ["prod-eu", "catalog"] } });
    app.pass(900_000);
    expect(app.flash()).toBe("The context is read-only again.");
    app.press("catalog", "enter");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
  });

  test("is armed from the start where --write says so", () => {
    const world = { session: { ...session, armedFor: millis(60_000) } };
    const app = dashboardOf({ columns: 120, rows: 40 }, { ...world, steering: fakeSteering().steering });
    // The context is known only once the kubeconfig was read.
    app.program.connect({ ...app.props, session: { ...app.props.session, context: "" } });
    app.program.connect(app.props);
    expect(app.program.state().armedUntil).toBe(app.props.clock.now() + 60_000);
  });
});

describe("what the world answers", () => {
  test("to a question that was closed is nobody's", async () => {
    const app = steeredDashboard();
    app.press("w", "+", "enter", "esc");
    await app.settle();
    expect(app.program.state().dialog).toBeNull();
  });

  test("to the question before is not taken for an answer to this one", async () => {
    const waiting: ((result: Result<Proposal, string>) => void)[] = [];
    const proposal = (): Promise<Result<Proposal, string>> =>
      new Promise((resolve) => {
        waiting.push(resolve);
      });
    const app = steeredDashboard({ proposal });
    app.press("w", "+", "enter", "esc", "w", "0", "enter");
    waiting[0]?.(fail("too late"));
    await app.settle();
    expect(app.phase()).toBe("asking");
    waiting[1]?.(fail("The API server can't be reached."));
    await app.settle();
    expect(app.question()?.phase).toEqual({ is: "failed", sentence: "The API server can't be reached." });
  });

  test.each([
    ["a blocker", { plan: { blockers: ["no ready endpoint behind version-v2"] } }],
    [
      "a refusal of the dry run",
      {
        rehearsal: {
          refusal: { is: "invalid", message: "The webhook says no.", advice: null },
          warnings: [],
          objects: [],
        },
      },
    ],
  ] as const)("with %s leaves nothing to say yes to", async (_what, answers) => {
    const app = steeredDashboard(answers);
    app.press("w", "+", "enter");
    await app.ask();
    expect(app.phase()).toBe("refused");
    app.press("y");
    app.pass(60_000);
    expect(app.applied).toEqual([]);
    app.press("r");
    expect(app.asked).toEqual(["propose shift 85,15", "propose shift 85,15"]);
  });

  test("to a write that somebody else was faster than is shown, and r looks again; nothing is sent by itself", async () => {
    const deviation = { path: "/spec/http/0/route/0/weight", was: 90, is: 70, by: null };
    const app = steeredDashboard({
      outcome: { is: "conflict", message: "Somebody was faster.", deviations: [deviation as never] },
    });
    app.press("w", "+", "enter");
    await app.ask();
    app.press("y");
    app.pass(250);
    await app.settle();
    expect(app.question()?.phase).toMatchObject({ is: "written", outcome: { is: "conflict" } });
    app.pass(60_000);
    expect(app.applied).toHaveLength(1);
    app.press("r");
    await app.settle();
    expect(app.asked.at(-1)).toBe("propose shift 85,15");
    expect(app.phase()).toBe("asked");
  });
});

describe("while it is being written", () => {
  const written = async (): Promise<SteeredDashboard> => {
    const app = steeredDashboard({ writing: new Promise<void>(() => undefined) });
    app.press("w", "+", "enter");
    await app.ask();
    app.press("y");
    app.pass(250);
    expect(app.phase()).toBe("writing");
    return app;
  };

  test.each(["q", "esc", "n"])("%s closes nothing", async (key) => {
    const app = await written();
    app.press(key, key, key);
    expect(app.phase()).toBe("writing");
    expect(app.calls).not.toContain("exit");
  });

  test("ctrl-c is told that it is being written, and leaves when pressed again", async () => {
    const app = await written();
    app.press("ctrl-c");
    expect(app.calls).not.toContain("exit");
    expect(app.flash()).toContain("It is being written.");
    app.press("ctrl-c");
    expect(app.calls).toContain("exit");
  });
});

describe("undo and redo", () => {
  test("z asks about the newest entry, and y writes it", async () => {
    const app = steeredDashboard();
    app.press("z");
    await app.ask();
    app.press("y");
    app.pass(250);
    await app.settle();
    expect(app.asked).toEqual(["undo -", "apply undo"]);
  });

  test.each([
    ["z", "undo"],
    ["Z", "redo"],
  ])(
    "%s that met somebody else is asked again by name, not of what is the newest by then",
    async (key, which) => {
      const app = steeredDashboard({ outcome: { is: "unreachable" } });
      app.press(key);
      await app.ask();
      app.press("y");
      app.pass(250);
      await app.settle();
      app.press("r");
      expect(app.asked).toEqual([`${which} -`, "apply undo", `${which} e1`]);
    },
  );

  test("z on an undo that was just written makes that change again, and takes back no other one", async () => {
    const app = steeredDashboard({ outcome: { id: "e2" } });
    app.press("z");
    await app.ask();
    app.press("y");
    app.pass(250);
    await app.settle();
    app.press("z");
    expect(app.asked).toEqual(["undo -", "apply undo", "redo e2"]);
  });

  test("Z asks for a redo", async () => {
    const app = steeredDashboard();
    app.press("Z");
    await app.settle();
    expect(app.asked).toEqual(["redo -"]);
  });

  test("say where there is nothing to take back", async () => {
    const sentence = "The journal of this context has nothing to undo.";
    const app = steeredDashboard({ proposal: () => Promise.resolve(fail(sentence)) });
    app.press("z");
    await app.settle();
    expect(app.question()?.phase).toEqual({ is: "failed", sentence });
    app.press("esc");
    expect(app.program.state().dialog).toBeNull();
  });
});

describe("m", () => {
  test("edits what is mirrored now, first its percentage", async () => {
    const app = steeredDashboard();
    app.press("m");
    expect(app.program.state().dialog).toMatchObject({
      is: "mirror",
      now: "50 % to version-v2, 6.0/s copies",
      percent: 50,
      at: null,
      targets: [{ name: "version-v2", to: null }, { name: "version-v1" }],
    });
    app.press("2", "5", "enter");
    await app.settle();
    expect(app.question()?.wish).toMatchObject({
      change: { kind: "mirror", percent: percent(25), to: null },
    });
  });

  test("0 switches it off and keeps the target", () => {
    const app = steeredDashboard();
    app.press("m", "0", "enter");
    expect(app.question()?.wish).toMatchObject({ change: { percent: 0, to: null } });
  });

  test("another target is one of the subsets", () => {
    const app = steeredDashboard();
    app.press("m", "down", "enter");
    expect(app.question()?.wish).toMatchObject({
      change: { to: { host: "catalog.istioinaction.svc.cluster.local", subset: "version-v1" } },
    });
  });

  test("no more than 100 percent", () => {
    const app = steeredDashboard();
    app.press("m", "+", "9", "9", "9");
    expect(app.program.state().dialog).toMatchObject({ percent: 100 });
  });
});

describe("o", () => {
  test("offers the namespace and the mesh, each mode but the one that is there", () => {
    const app = steeredDashboard();
    app.press("o");
    const { dialog } = app.program.state();
    expect(dialog?.is === "choice" && dialog.choices.map(({ label }) => label)).toEqual([
      "namespace istioinaction: ALLOW_ANY",
      "namespace istioinaction: REGISTRY_ONLY",
      "mesh: ALLOW_ANY",
      "mesh: REGISTRY_ONLY",
      "mesh: ALLOW_ANY_DYNAMIC_DNS",
    ]);
  });

  test("on a host of the egress view first offers to declare it", () => {
    const app = steeredDashboard();
    app.press(":egress", "enter", "g", "o");
    const { dialog } = app.program.state();
    const { selected } = app.program.contextOf(app.program.state());
    const host = selected?.key.split(">")[1] ?? "";
    expect(dialog?.is === "choice" && dialog.choices[0]).toMatchObject({ label: `declare ${host}` });
  });

  test("a choice that is so already says so", () => {
    const mesh = coolstore();
    const from = refOf("ConfigMap", "istio-system", "istio");
    const policy = { mode: "ALLOW_ANY", written: "ALLOW_ANY", from } as const;
    const app = steeredDashboard({}, { mesh: { ...mesh, egress: { ...mesh.egress, mesh: policy } } });
    app.press("o", "down", "down", "enter");
    expect(app.asked).toEqual([]);
    expect(app.flash()).toBe("It is so already.");
  });
});

describe("p", () => {
  test("offers what Flagger knows, and says what abort really does", async () => {
    const app = steeredDashboard();
    app.press(":canaries", "enter", "g", "p");
    const { dialog } = app.program.state();
    if (dialog?.is !== "choice") throw new Error("no menu");
    expect(dialog.choices.map(({ label }) => label)).toEqual(["pause", "resume", "promote", "abort"]);
    expect(dialog.choices[3]?.detail).toContain("Flagger has no abort of its own");
    expect(dialog.choices[1]?.why).toBe("it is not paused");
    app.press("enter");
    await app.settle();
    expect(app.question()?.wish).toMatchObject({ change: { kind: "canary", verb: "pause" } });
  });

  test("where there is no canary says so", () => {
    const app = steeredDashboard();
    app.press("p");
    expect(app.flash()).toBe("No canary is under the cursor.");
  });
});

test("no text in any pieces writes, whatever it opens on its way", async () => {
  const words = [
    "w",
    "0",
    "2",
    "+",
    "enter",
    "y",
    "Y",
    "z",
    "m",
    "o",
    "p",
    "j",
    "k",
    "esc",
    "r",
    "n",
    " ",
    "!",
    "catalog",
  ];
  const piece = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(piece, fc.integer({ min: 0, max: 249 }), fc.boolean()), { maxLength: 25 }),
      fc.boolean(),
      fc.constantFrom<"open" | "protected">("open", "protected"),
      async (pieces, grave, level) => {
        const app = steeredDashboard({ plan: { grave } }, { session: { level } });
        for (const [keys, gap, isSettled] of pieces) {
          if (isSettled) await app.settle();
          app.paint();
          app.pass(gap);
          app.chunk(...keys.flatMap((key) => (key === "catalog" ? Array.from(key) : [key])));
        }
        expect(app.applied).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

describe("a user without the right", () => {
  const whyNot = (deed: string): string | null =>
    deed === "shift" ? "you may not patch virtualservices in istioinaction" : null;

  test("is told by the key, before anything is planned, and the footer has it no more", async () => {
    const app = steeredDashboard({ whyNot });
    await app.settle();
    expect(app.screen()).not.toContain("w shift");
    expect(app.screen()).toContain("m mirror");
    app.press("w");
    expect(app.flash()).toBe("You may not patch virtualservices in istioinaction.");
    expect(app.asked).toEqual([]);
  });
});

describe("the menus of a user without the right", () => {
  const deny =
    (...denied: readonly string[]) =>
    (deed: string, kind: string): string | null =>
      denied.includes(`${deed} ${kind}`) ? `you may not ${deed} a ${kind}` : null;
  const choices = (app: SteeredDashboard) => {
    const { dialog } = app.program.state();
    return dialog?.is === "choice" ? dialog.choices : [];
  };

  test("say at each choice what may not be done, and begin at the first that may", async () => {
    const app = steeredDashboard({ whyNot: deny("outbound Namespace") });
    await app.settle();
    app.press("o");
    expect(choices(app).map(({ why }) => why)).toEqual([
      "you may not outbound a Namespace",
      "it is so already",
      null,
      null,
      null,
    ]);
    app.press("enter");
    await app.settle();
    expect(app.question()?.wish).toMatchObject({ change: { kind: "outbound", target: { is: "mesh" } } });
  });

  test("do not open where nothing of them may be done, and their keys are gone from the footer", async () => {
    const whyNot = deny("outbound Namespace", "outbound ConfigMap", "pause Canary", "resume Canary");
    const app = steeredDashboard({ whyNot });
    await app.settle();
    expect(app.screen()).not.toContain("o outbound");
    app.press("o");
    expect(app.program.state().dialog).toBeNull();
    expect(app.flash()).toBe("You may not outbound a Namespace.");
    app.press(":canaries", "enter", "g");
    await app.settle();
    // Flagger's promotion and abort are other rights.
    expect(app.screen()).toContain("p canary");
    app.press("p");
    expect(choices(app).map(({ why }) => why !== null)).toEqual([true, true, false, false]);
  });

  test("say at a host that it may not be declared", async () => {
    const app = steeredDashboard({ whyNot: deny("declareHost Namespace") });
    app.press(":egress", "enter", "g");
    await app.settle();
    app.press("o");
    expect(choices(app)[0]?.why).toBe("you may not declareHost a Namespace");
    expect(app.screen()).toContain("not now: you may not declareHost a Namespace");
  });

  test("learn of a denial that comes late, and leave the cursor where it is", async () => {
    const app = steeredDashboard({ whyNot: deny("outbound Namespace") });
    app.press("o");
    const before = app.program.state().dialog;
    await app.settle();
    const { dialog } = app.program.state();
    expect(choices(app)[0]?.why).toBe("you may not outbound a Namespace");
    expect(dialog?.is === "choice" && before?.is === "choice" && dialog.at === before.at).toBe(true);
    app.press("enter");
    expect(app.flash()).toBe("You may not outbound a Namespace.");
  });
});

describe("after a shift was written", () => {
  test("its arrival is followed, also when the question is closed; z takes that entry back", async () => {
    const app = steeredDashboard({
      plan: {
        weights: [
          {
            name: "version-v1",
            before: { weight: 90, share: ratio(0.9) },
            after: { weight: 85, share: ratio(0.85) },
          },
          {
            name: "version-v2",
            before: { weight: 10, share: ratio(0.1) },
            after: { weight: 15, share: ratio(0.15) },
          },
        ],
      },
    });
    app.press("w", "+", "enter");
    await app.ask();
    app.press("y");
    app.pass(250);
    await app.settle();
    expect(app.asked.at(-1)).toBe("follow 0.85,0.15");
    app.press("z");
    expect(app.asked.at(-1)).toBe("undo e1");
    app.press("esc");
    expect(app.program.state().following).toMatchObject([{ place: { rule: 1 }, arrival: null }]);
  });
});

test("a command can be typed once it is written, and not while it is asked", async () => {
  const app = steeredDashboard();
  app.press("w", "=", "enter");
  await app.ask();
  app.press(":");
  expect(app.phase()).toBe("asked");
  app.pass(1000);
  app.press("y");
  app.pass(1000);
  await app.settle();
  expect(app.phase()).toBe("written");
  app.press(":mtls", "enter");
  expect(app.program.state().stack.at(-1)?.view).toBe("mtls");
});
