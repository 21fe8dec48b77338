import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CanaryVerb, WantedChange } from "../../../src/actions/change.ts";
import { changeCommand, turnCommand } from "../../../src/actions/commands.ts";
import type { Asking, CommandResult } from "../../../src/actions/proposal.ts";
import type { Ports } from "../../../src/actions/run.ts";
import { mirrorOf, outboundOf, shiftOf } from "../../../src/actions/wishes.ts";
import { startKubeServer, type KubeServer } from "../../../src/data/demo/kube/server.ts";
import type { Arrival } from "../../../src/data/mesh/arrival.ts";
import { fail, ok, type Result } from "../../../src/data/mesh/result.ts";
import { millis, ratio } from "../../../src/data/mesh/units.ts";
import { printJournal } from "../../../src/ui/print/journal.ts";
import { printWrite } from "../../../src/ui/print/writeDocument.ts";
import { readJsonPage } from "../../support/jsonPage.ts";
import { embeddedWorld, type KubeWorld } from "../../support/kubeWorlds.ts";
import { canary, fillShop, pathOf, route, shopMesh } from "../../support/shopObjects.ts";
import { cut, entriesIn, inFolder, portsOn, requestTo, type Between } from "../../support/writePath.ts";

const mesh = shopMesh();
const page = readJsonPage();
let server: KubeServer;
let world: Pick<KubeWorld, "fetch">;

beforeAll(async () => {
  server = await startKubeServer({ clock: () => Date.now() });
  world = embeddedWorld(server);
});
beforeEach(() => fillShop(world));
afterAll(() => server.stop());

const yes: Asking = { reason: "drill", dryRun: false, confirm: () => Promise.resolve(true) };
const asPrinted = (result: CommandResult, arrival: Arrival | null = null): unknown =>
  JSON.parse(printWrite({ ...result, arrival }, "test", "json"));

function agrees(result: CommandResult, arrival: Arrival | null = null): CommandResult {
  expect(page.disagreements("answer", asPrinted(result, arrival))).toEqual([]);
  return result;
}

async function onPorts(run: (ports: Ports) => Promise<void>, between?: Between): Promise<void> {
  await inFolder(async (directory) => run(portsOn(await requestTo(server.kubeconfig, between), directory)));
}
const change = async (wish: Result<WantedChange, string>, ports: Ports, asking: Partial<Asking> = {}) =>
  agrees(await changeCommand(wish, mesh, ports, { ...yes, ...asking }));

const shift = (v1: number, v2: number) =>
  shiftOf(mesh, { service: "shop/catalog", rule: 2, weights: { v1, v2 } });
const verb = (name: CanaryVerb): Result<WantedChange, string> => ok({ kind: "canary", canary, verb: name });

describe("docs/json.md agrees with what is printed of", () => {
  test("changes that are done, and the journal of them", async () => {
    await onPorts(async (ports) => {
      for (const wish of [
        shift(60, 40),
        mirrorOf(mesh, { service: "shop/catalog", rule: 2, percent: 10, to: "v2" }),
        outboundOf(mesh, { mode: "REGISTRY_ONLY", namespace: "shop", configMap: null }),
        verb("pause"),
      ])
        expect((await change(wish, ports)).exitCode).toBe(0);
      expect(
        agrees(await turnCommand({ is: "undo", id: null }, ports, { ...yes, reason: null })).exitCode,
      ).toBe(0);
      const entries = await entriesIn(ports);
      const [first] = entries;
      if (first === undefined) throw new Error("The journal is empty.");
      const { intent } = first;
      // A writer that died, over SSH; and one that a later start has explained.
      const died = {
        ...first,
        ended: null,
        intent: { ...intent, origin: { ...intent.origin, ssh: "1 2 3 4" } },
      };
      const printed = JSON.parse(
        printJournal([...entries, died], { limit: null, format: "json" }),
      ) as unknown[];
      expect(printed).toHaveLength(6);
      expect(printed.flatMap((entry) => page.disagreements("entry", entry))).toEqual([]);
    });
  });

  test("what is refused, tried, unwanted or not understood", async () => {
    await onPorts(async (ports) => {
      expect((await change(fail("What?"), ports)).exitCode).toBe(2);
      expect((await change(shift(0, 0), ports)).exitCode).toBe(1);
      expect((await change(shift(60, 40), ports, { dryRun: true })).exitCode).toBe(0);
      expect((await change(shift(60, 40), ports, { confirm: () => Promise.resolve(false) })).exitCode).toBe(
        1,
      );
    });
    const forbid: Between = async (_path, method, send) =>
      method === "PATCH"
        ? ok(new Response(JSON.stringify({ message: "no" }), { status: 403 }) as never)
        : send();
    await onPorts(async (ports) => {
      const { proposal } = await change(shift(60, 40), ports);
      expect(proposal?.rehearsal?.refusal?.advice).not.toBeNull();
    }, forbid);
  });

  test("what somebody else was faster with, and what nobody knows", async () => {
    const meddle = async () => {
      const operations = [{ op: "replace", path: "/spec/http/1/route/0/weight", value: 30 }];
      const headers = { "content-type": "application/json-patch+json" };
      const init = { method: "PATCH", headers, body: JSON.stringify(operations) };
      await world.fetch(`${pathOf(route)}?fieldManager=kubectl-edit`, init);
      return true;
    };
    await onPorts(async (ports) => {
      expect((await change(shift(60, 40), ports, { confirm: meddle })).exitCode).toBe(3);
    });
    let gone = false;
    const confirm = () => Promise.resolve((gone = true));
    await onPorts(
      async (ports) => {
        expect((await change(shift(60, 40), ports, { confirm })).exitCode).toBe(4);
      },
      () => (gone ? Promise.resolve(fail(cut)) : undefined),
    );
  });

  test("what a server warns of, what would be cut off, an author of unknown time", async () => {
    await onPorts(async (ports) => {
      const { proposal, outcome, ...rest } = await change(verb("pause"), ports);
      if (proposal?.rehearsal == null || outcome === null) throw new Error("It was refused.");
      const { plan, rehearsal } = proposal;
      const warnings = ["deprecated"];
      const by = { managers: ["argocd"], at: null };
      const odd = { path: "/metadata/uid", expected: "a", found: "b" };
      const nobody = { ...odd, by: null };
      agrees({
        ...rest,
        proposal: {
          ...proposal,
          plan: { ...plan, cuts: [{ host: "api.example.com", from: "shop/web" }] },
          rehearsal: { ...rehearsal, warnings },
        },
        outcome: { ...outcome, warnings, deviations: [{ ...odd, by }, nobody] },
      });
      const ofStatus = plan.patches.map((patch) =>
        patch.do === "edit" ? { ...patch, subresource: "status" as const } : patch,
      );
      // A patch of a status, a refusal without advice, and shares of weights that sum to 0.
      const row = { weight: 0, share: null };
      const refusal = { is: "invalid" as const, message: "no", advice: null };
      agrees({
        ...rest,
        outcome: null,
        proposal: {
          ...proposal,
          plan: { ...plan, weights: [{ name: "v1", before: row, after: row }], patches: ofStatus },
          rehearsal: { ...rehearsal, refusal },
        },
      });
    });
  });

  test("an arrival, counted or not", async () => {
    const here = {
      name: "v1",
      wanted: ratio(0.6),
      requests: 12,
      observed: ratio(0.5),
      low: ratio(0.4),
      high: ratio(0.7),
    };
    const arrival: Arrival = {
      state: "agrees",
      reason: "It does.",
      note: "Includes rule 1.",
      counts: "requests",
      destinations: [here, { ...here, observed: null, requests: 0 }],
      n: 24,
      elapsed: millis(30_000),
      counted: millis(10_000),
      propagation: { p50: millis(1), p99: millis(2.5) },
    };
    await onPorts(async (ports) => {
      const result = await change(shift(60, 40), ports);
      agrees(result, arrival);
      agrees(result, {
        ...arrival,
        state: "waiting",
        reason: null,
        note: null,
        counted: null,
        propagation: null,
      });
    });
  });
});

test("and everything in it was seen", () => {
  expect(page.unseen("answer", "entry")).toEqual([]);
});

test("a field that is not in it, one that is missing, and one of another type are told", async () => {
  await onPorts(async (ports) => {
    const { exitCode, ...rest } = asPrinted(await change(shift(60, 40), ports)) as Record<string, unknown>;
    const wrong = readJsonPage().disagreements("answer", { ...rest, context: 1, novelty: exitCode });
    expect(wrong).toEqual([
      "answer.novelty is not in table answer",
      "answer.context is no string",
      "answer.exitCode is absent",
    ]);
  });
});
