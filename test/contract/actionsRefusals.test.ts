import { beforeEach, describe, expect, test } from "vitest";
import type { EditPatch } from "../../src/actions/change.ts";
import { undoable } from "../../src/actions/journalEntry.ts";
import type { Outcome } from "../../src/actions/proposal.ts";
import { apply, type Ports } from "../../src/actions/run.ts";
import { entryFor } from "../../src/actions/turn.ts";
import { explainPending, pendingEntries } from "../../src/actions/explain.ts";
import { proposeUndo } from "../../src/actions/undo.ts";
import { fail } from "../../src/data/mesh/result.ts";
import { instant, percent } from "../../src/data/mesh/units.ts";
import { inBothWorlds, sending } from "../support/kubeWorlds.ts";
import {
  canary,
  contentOf,
  fillShop,
  handShift,
  pathOf,
  payments,
  route,
  shift,
  shopMesh,
} from "../support/shopObjects.ts";
import {
  answerLost,
  carriedOut,
  cut,
  entriesIn,
  inFolder,
  portsOn,
  proposed,
  requestTo,
  turned,
  type Between,
} from "../support/writePath.ts";

const mesh = shopMesh();
const later = (ports: Ports): Ports => ({
  ...ports,
  clock: { ...ports.clock, now: () => instant(Date.now() + 120_000) },
});

inBothWorlds("What stands between a plan and its patch", (world) => {
  beforeEach(() => fillShop(world()));

  const by = (manager: string, path: string, operations: readonly object[]) =>
    world().fetch(
      `${path}?fieldManager=${manager}`,
      sending("PATCH", operations, "application/json-patch+json"),
    );
  const replace = (path: string, value: unknown) => [{ op: "replace", path, value }];
  const inWorld = (run: (ports: Ports) => Promise<void>, between?: Between) =>
    inFolder(async (directory) => run(portsOn(await requestTo(world().kubeconfig, between), directory)));

  const both = () => Promise.all([pathOf(canary), pathOf(payments)].map((path) => contentOf(world(), path)));
  /** What a person means by "the last one", once it is known how it ended. */
  const turnedLast = async (ports: Ports): Promise<Outcome> => {
    const entry = await entryFor({ is: "undo", id: null }, ports);
    if (!entry.ok) throw new Error(entry.error);
    const proposal = await proposeUndo(entry.value, ports);
    if (!proposal.ok) throw new Error(proposal.error.message);
    return apply(proposal.value, ports);
  };

  describe("Another writer, after the question was asked,", () => {
    const weight = "/spec/http/1/route/0/weight";
    test.each([
      ["sets the weight", replace(weight, 30), /weight is 30 and not 90 \(kubectl-edit.*, \d{4}-/],
      [
        "swaps the destinations",
        replace("/spec/http/1/route", [
          { destination: { host: "catalog", subset: "v2" } },
          { destination: { host: "catalog", subset: "v1" }, weight: 90 },
        ]),
        /destination is .*"v2".* and not .*"v1"/,
      ],
      [
        "puts a rule in front",
        [
          {
            op: "add",
            path: "/spec/http/0",
            value: { route: [{ destination: { host: "catalog", subset: "v1" } }] },
          },
        ],
        /has changed since it was read/,
      ],
      [
        "gives a weight to the destination that had none",
        [{ op: "add", path: "/spec/http/1/route/1/weight", value: 5 }],
        /route\/1\/weight is 5 and not absent/,
      ],
      [
        "changes something else",
        replace("/spec/http/1/timeout", "9s"),
        /was written by kubectl-edit.* not in these fields: \/spec\/http\/1\/timeout is "9s" and not "3s" \(kubectl-edit, \d{4}-/,
      ],
      [
        "changes the hosts and another rule",
        [
          ...replace("/spec/hosts", ["catalog", "shop.example.com"]),
          ...replace("/spec/http/0/mirrorPercent", 41),
        ],
        /not in these fields: \/spec\/hosts is \["catalog","shop.example.com"\] and not \["catalog"\] \(kubectl-edit, .*\/spec\/http\/0\/mirrorPercent is 41 and not 40 \(kubectl-edit/,
      ],
      [
        "adds a label",
        [{ op: "add", path: "/metadata/labels", value: { a: "b" } }],
        /not in these fields: \/metadata\/labels is \{"a":"b"\} and not absent \(kubectl-edit/,
      ],
      [
        "sets the weight and takes the timeout away",
        [...replace(weight, 30), { op: "remove", path: "/spec/http/1/timeout" }],
        /weight is 30 and not 90 \(kubectl-edit.*timeout is absent and not "3s" \(kubectl-edit/,
      ],
      [
        "takes an annotation away, for which a real server names nobody, and never the one who wrote it",
        [{ op: "remove", path: "/metadata/annotations/note" }],
        /^\S+ \S+ was written (by kubectl-edit )?since.*fields: \/metadata\/annotations(\/note)? is absent and not \S+ a comment\S+( \(kubectl-edit, \S+\))?\. Nothing was written over/,
      ],
    ])(
      "%s: a conflict, told with what and who, and nothing is written over",
      async (_what, operations, said) => {
        await inWorld(async (ports) => {
          const proposal = await proposed(shift, mesh, ports);
          expect((await by("kubectl-edit", pathOf(route), operations)).status).toBe(200);
          const theirs = await contentOf(world(), pathOf(route));
          const outcome = await apply(proposal, ports);
          expect(outcome).toMatchObject({ is: "conflict", steps: ["refused"] });
          expect(outcome.message).toMatch(said);
          expect(await contentOf(world(), pathOf(route))).toEqual(theirs);
          expect(undoable(await entriesIn(ports))).toBeNull();
        });
      },
    );

    test("deletes the object: a conflict", async () => {
      await inWorld(async (ports) => {
        const proposal = await proposed(shift, mesh, ports);
        await world().fetch(pathOf(route), { method: "DELETE" });
        expect(await apply(proposal, ports)).toMatchObject({ is: "conflict", steps: ["refused"] });
        expect(await contentOf(world(), pathOf(route))).toBe(404);
      });
    });

    test("makes it anew with the same content: a conflict, because it is another object", async () => {
      await inWorld(async (ports) => {
        const proposal = await proposed(shift, mesh, ports);
        await fillShop(world());
        const theirs = await contentOf(world(), pathOf(route));
        expect((await apply(proposal, ports)).is).toBe("conflict");
        expect(await contentOf(world(), pathOf(route))).toEqual(theirs);
      });
    });
  });

  test("between two patches of one plan: the first one is taken back", async () => {
    let interfere = false;
    const between: Between = async (path, method, send) => {
      if (interfere && method === "PATCH" && path.includes("virtualservices")) {
        interfere = false;
        await by("flagger", pathOf(payments), replace("/spec/http/0/route/0/weight", 75));
      }
      return send();
    };
    await inWorld(async (ports) => {
      const before = await contentOf(world(), pathOf(canary));
      const proposal = await proposed(handShift, mesh, ports);
      interfere = true;
      const outcome = await apply(proposal, ports);
      expect(outcome).toMatchObject({ is: "conflict", steps: ["taken back", "refused"] });
      expect(outcome.message).toMatch(
        /flagger.*Canary shop\/payments was changed first and is as before again/,
      );
      expect(await contentOf(world(), pathOf(canary))).toEqual(before);
      expect(undoable(await entriesIn(ports))).toBeNull();
    }, between);
  });

  test("a first patch that can't be taken back stays, and undo knows it", async () => {
    const between: Between = async (path, method, send) => {
      if (method === "PATCH" && path.includes("virtualservices") && !path.includes("dryRun")) {
        // Somebody takes over both objects within the plan.
        await by("kubectl-edit", pathOf(payments), replace("/spec/http/0/route/0/weight", 75));
        await by("kubectl-edit", pathOf(canary), replace("/spec/suspend", false));
      }
      return send();
    };
    await inWorld(async (ports) => {
      const outcome = await carriedOut(handShift, mesh, ports);
      expect(outcome).toMatchObject({ is: "conflict", steps: ["stayed", "refused"] });
      expect(outcome.message).toMatch(/could not be put back/);
      expect(await contentOf(world(), pathOf(canary))).toMatchObject({ spec: { suspend: false } });
    }, between);
  });

  test("a Canary's own status is no conflict: Flagger writes it at every tick", async () => {
    await inWorld(async (ports) => {
      const proposal = await proposed(handShift, mesh, ports);
      await world().fetch(
        `${pathOf(canary)}/status`,
        sending("PATCH", { status: { failedChecks: 1 } }, "application/merge-patch+json"),
      );
      expect((await apply(proposal, ports)).is).toBe("applied");
    });
  });

  test.each([
    ["is done", { phase: "Succeeded" }, /phase is "Succeeded" and not "Progressing"/],
    [
      "began anew with another version",
      { lastAppliedSpec: "5d9c" },
      /lastAppliedSpec is "5d9c" and not absent/,
    ],
  ])(
    "a canary that %s since the question gets neither a share nor a promotion",
    async (_what, status, said) => {
      await inWorld(async (ports) => {
        const promote = { kind: "canary", canary, verb: "promote" } as const;
        const [one, other] = [await proposed(handShift, mesh, ports), await proposed(promote, mesh, ports)];
        await world().fetch(
          `${pathOf(canary)}/status`,
          sending("PATCH", { status }, "application/merge-patch+json"),
        );
        const before = await both();
        for (const proposal of [one, other]) {
          const outcome = await apply(proposal, ports);
          expect(outcome.is).toBe("conflict");
          expect(outcome.message).toMatch(said);
        }
        expect(await both()).toEqual(before);
      });
    },
  );

  test("a canary that somebody resumed since the question gets no weights by hand: its next check would send it everything", async () => {
    await inWorld(async (ports) => {
      await by("kubectl-edit", pathOf(canary), [{ op: "add", path: "/spec/suspend", value: true }]);
      const proposal = await proposed(handShift, mesh, ports);
      await by("kubectl-edit", pathOf(canary), replace("/spec/suspend", false));
      const before = await both();
      const outcome = await apply(proposal, ports);
      expect(outcome).toMatchObject({ is: "conflict", id: null });
      expect(outcome.message).toMatch(
        /Canary shop\/payments has changed.*suspend is false and not true \(kubectl-edit.*Nothing was sent/,
      );
      expect(await both()).toEqual(before);
      expect(await entriesIn(ports)).toEqual([]);
    });
  });

  describe("An undo", () => {
    test("is refused where somebody changed the value since, and says who", async () => {
      await inWorld(async (ports) => {
        await carriedOut(shift, mesh, ports);
        await by("kubectl-edit", pathOf(route), replace("/spec/http/1/route/1/weight", 45));
        const theirs = await contentOf(world(), pathOf(route));
        const undo = await proposeUndo(undoable(await entriesIn(ports))!, ports);
        expect(undo.ok && undo.value.plan.blockers.join()).toMatch(
          /VirtualService shop\/catalog was changed since: .*weight is 45 and not 40 \(kubectl-edit/,
        );
        expect((await turned(ports, "undo")).is).toBe("refused");
        expect(await contentOf(world(), pathOf(route))).toEqual(theirs);
      });
    });

    test("goes through where somebody changed something else since", async () => {
      await inWorld(async (ports) => {
        await carriedOut(shift, mesh, ports);
        await by("kubectl-edit", pathOf(route), replace("/spec/http/1/timeout", "9s"));
        expect((await turned(ports, "undo")).is).toBe("applied");
        expect(await contentOf(world(), pathOf(route))).toMatchObject({
          spec: { http: [{}, { timeout: "9s", route: [{ weight: 90 }, { destination: { subset: "v2" } }] }] },
        });
      });
    });

    test.each([
      ["a shift", shift],
      ["a mirror", { ...shift, kind: "mirror", at: null, percent: percent(40), to: null, rule: 0 } as const],
    ])(
      "of %s puts nothing into a copy of the rule that stands in front of it by now",
      async (_what, change) => {
        await inWorld(async (ports) => {
          await carriedOut(
            { ...change, ...(change.kind === "mirror" ? { percent: percent(5) } : {}) },
            mesh,
            ports,
          );
          const now = (await contentOf(world(), pathOf(route))) as { spec: { http: readonly object[] } };
          const at = `/spec/http/${change.rule}`;
          // The same destinations and numbers, for the requests of somebody else.
          const copy = {
            ...now.spec.http[change.rule],
            match: [{ headers: { "x-team": { exact: "blue" } } }],
          };
          await by("kubectl-edit", pathOf(route), [{ op: "add", path: at, value: copy }]);
          const theirs = await contentOf(world(), pathOf(route));
          const undo = await proposeUndo(undoable(await entriesIn(ports))!, ports);
          expect(undo.ok && undo.value.plan.blockers.join()).toMatch(
            new RegExp(`was changed since: .*${at}/match is .*blue`),
          );
          expect(await contentOf(world(), pathOf(route))).toEqual(theirs);
        });
      },
    );

    test("does not touch another object of the same name", async () => {
      await inWorld(async (ports) => {
        await carriedOut(shift, mesh, ports);
        const ours = (await world().fetch(pathOf(route))).json<{ metadata: object; spec: object }>();
        await world().fetch(pathOf(route), { method: "DELETE" });
        const metadata = Object.fromEntries(
          Object.entries(ours.metadata).filter(([key]) => key !== "uid" && key !== "resourceVersion"),
        );
        await world().fetch(pathOf(route).replace("/catalog", ""), sending("POST", { ...ours, metadata }));
        expect((await turned(ports, "undo")).message).toMatch(/uid/);
      });
    });
  });

  describe("Without an answer", () => {
    test("what was done is found out by reading", async () => {
      let armed = false;
      await inWorld(
        async (ports) => {
          const proposal = await proposed(handShift, mesh, ports);
          armed = true;
          expect(await apply(proposal, ports)).toMatchObject({
            is: "applied",
            steps: ["applied", "applied"],
          });
          expect(await contentOf(world(), pathOf(payments))).toMatchObject({
            spec: { http: [{ route: [{ weight: 70 }, { weight: 30 }] }] },
          });
        },
        (...request) => (armed ? answerLost(...request) : undefined),
      );
    });

    test("what was not done is said to be so, and the canary stays suspended for the case that the request arrives yet", async () => {
      let armed = false;
      let late: (() => Promise<unknown>) | null = null;
      const before = await both();
      await inWorld(
        async (ports) => {
          const proposal = await proposed(handShift, mesh, ports);
          armed = true;
          const outcome = await apply(proposal, ports);
          armed = false;
          expect(outcome).toMatchObject({ is: "unreachable", steps: ["applied", "refused"] });
          expect(outcome.message).toMatch(
            /VirtualService shop\/payments is as it was: the change is not in effect.*Canary shop\/payments was changed before and stays so/,
          );
          await late?.();
          // Flagger would send everything to a canary that it finds between two steps.
          expect(await both()).toMatchObject([
            { spec: { suspend: true } },
            { spec: { http: [{ route: [{ weight: 70 }, { weight: 30 }] }] } },
          ]);
          expect((await turnedLast(ports)).is).toBe("applied");
          expect(await both()).toEqual(before);
        },
        async (path, method, send) => {
          if (!armed || method !== "PATCH" || !path.includes("virtualservices")) return send();
          late = send;
          return fail(cut);
        },
      );
    });

    test("and with a version that is gone meanwhile, it can't arrive any more: the first patch goes back", async () => {
      let armed = false;
      const before = await contentOf(world(), pathOf(canary));
      await inWorld(
        async (ports) => {
          const proposal = await proposed(handShift, mesh, ports);
          armed = true;
          const outcome = await apply(proposal, ports);
          expect(outcome).toMatchObject({ is: "unreachable", steps: ["taken back", "refused"] });
          expect(await contentOf(world(), pathOf(canary))).toEqual(before);
        },
        async (path, method, send) => {
          if (!armed || method !== "PATCH" || !path.includes("virtualservices")) return send();
          await by("kubectl-edit", pathOf(payments), replace("/spec/hosts", ["payments", "pay.example.com"]));
          return fail(cut);
        },
      );
    });

    test.each([
      ["done", true, { is: "applied", steps: ["applied"], explained: true }],
      ["not done", false, { is: "refused", steps: ["not sent"], explained: true }],
    ])(
      "and with a server that is gone, the outcome is unknown, and the next start finds: %s",
      async (_what, arrives, found) => {
        let gone = false;
        await inWorld(
          async (ports) => {
            const proposal = await proposed(shift, mesh, ports);
            gone = true;
            const outcome = await apply(proposal, ports);
            expect(outcome).toMatchObject({ is: "unknown", steps: ["unknown"] });
            gone = false;
            const pending = pendingEntries(await entriesIn(ports), later(ports), () => false);
            expect(pending).toHaveLength(1);
            const [explanation] = await explainPending(pending, ports);
            expect(explanation?.ended).toMatchObject(found);
            expect(pendingEntries(await entriesIn(ports), later(ports), () => false)).toEqual([]);
            expect(undoable(await entriesIn(ports)) !== null).toBe(arrives);
          },
          async (_path, method, send) => {
            if (!gone) return send();
            if (arrives && method === "PATCH") await send();
            return fail(cut);
          },
        );
      },
    );
  });

  test("a request that arrives after it was given up is found by the next start, and undone", async () => {
    const before = await contentOf(world(), pathOf(route));
    let late: (() => Promise<unknown>) | null = null;
    let armed = false;
    await inWorld(
      async (ports) => {
        const proposal = await proposed(shift, mesh, ports);
        armed = true;
        expect((await apply(proposal, ports)).is).toBe("unreachable");
        armed = false;
        await late?.();
        const pending = pendingEntries(await entriesIn(ports), later(ports), () => false);
        expect((await explainPending(pending, ports)).map(({ ended }) => ended.is)).toEqual(["applied"]);
        expect((await turned(ports, "undo")).is).toBe("applied");
        expect(await contentOf(world(), pathOf(route))).toEqual(before);
      },
      async (_path, method, send) => {
        if (!armed || method !== "PATCH") return send();
        late = send;
        return fail(cut);
      },
    );
  });

  describe("The server's own words", () => {
    const wrong = async (ports: Ports): Promise<EditPatch> => {
      const { plan } = await proposed(shift, mesh, ports);
      const [patch] = plan.patches;
      if (patch?.do !== "edit") throw new Error("no edit");
      return { ...patch, edits: [{ op: "set", path: "/spec/http/1/route/0/weight", was: 90, now: "many" }] };
    };

    test.each(["dry run", "for real"] as const)("are told where the schema says no (%s)", async (mode) => {
      await inWorld(async (ports) => {
        const answer = await ports.cluster.write(await wrong(ports), mode);
        expect(answer).toMatchObject({ ok: false, error: { is: "invalid" } });
        expect(!answer.ok && answer.error.message).toMatch(/refuses VirtualService shop\/catalog: .*weight/);
      });
    });

    test("are told where an object is there already: a conflict", async () => {
      await inWorld(async (ports) => {
        const manifest = {
          apiVersion: "networking.istio.io/v1",
          kind: "VirtualService",
          metadata: { name: "catalog", namespace: "shop" },
          spec: { hosts: ["catalog"] },
        };
        const answer = await ports.cluster.write({ do: "create", ref: route, manifest }, "for real");
        expect(answer).toMatchObject({ ok: false, error: { is: "conflict" } });
        expect(!answer.ok && answer.error.message).toMatch(/already exists/);
      });
    });
  });

  test("an entry whose journal can't be written is never sent", async () => {
    await inWorld(async (ports) => {
      const proposal = await proposed(shift, mesh, ports);
      const before = await contentOf(world(), pathOf(route));
      const full = fail({
        kind: "config",
        message: "The journal can't be written (ENOSPC).",
        advice: null,
      } as const);
      const broken = { ...ports, journal: { ...ports.journal, append: () => Promise.resolve(full) } };
      const outcome = await apply(proposal, broken);
      expect(outcome).toMatchObject({ is: "unreachable", id: null });
      expect(outcome.message).toMatch(/ENOSPC.*Nothing was sent/);
      expect(await contentOf(world(), pathOf(route))).toEqual(before);
    });
  });
});
