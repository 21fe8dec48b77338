import { describe, expect, test } from "vitest";
import type { EditPatch, Patch, Plan } from "../../src/actions/change.ts";
import type { Held } from "../../src/actions/changes/held.ts";
import { withEdits } from "../../src/actions/changes/rebase.ts";
import type { JsonObject } from "../../src/actions/changes/pointer.ts";
import type { Proposal, Refusal } from "../../src/actions/proposal.ts";
import { apply, type Ports } from "../../src/actions/run.ts";
import { fail, ok } from "../../src/data/mesh/result.ts";
import { instant } from "../../src/data/mesh/units.ts";
import { held, virtualServiceRef } from "./changes/routes.ts";
import { cut, entriesIn, inFolder, portsOn } from "../support/writePath.ts";

const names = ["a", "b", "c"];
const objectOf = (name: string): Held => held(virtualServiceRef(`shop/${name}`), { spec: { weight: 1 } });
const patchOf = (name: string): EditPatch => ({
  do: "edit",
  ref: virtualServiceRef(`shop/${name}`),
  subresource: null,
  uid: `uid-${name}`,
  resourceVersion: "7",
  pinned: true,
  guards: [],
  edits: [{ op: "set", path: "/spec/weight", was: 1, now: 2 }],
});
const plan: Plan = {
  change: { kind: "undo", redo: false, entry: "x" },
  summary: "three at once",
  patches: names.map(patchOf),
  weights: [],
  warnings: [],
  cuts: [],
  afterwards: null,
  blockers: [],
  grave: false,
};
const proposalOf = (more: Partial<Proposal> = {}): Proposal => ({
  plan,
  rehearsal: {
    refusal: null,
    warnings: [],
    objects: names.map((name) => ({ patch: patchOf(name), before: objectOf(name), after: null })),
  },
  cause: { reason: null, of: null },
  ...more,
});

const refusal = (is: Refusal["is"]): Refusal => ({ is, message: `It is ${is}.`, advice: null });

interface Fake {
  readonly ports: Ports;
  /** "a 2": written, in order. */
  readonly written: string[];
}

/** A cluster of three objects that says no where it is told to. */
function fake(folder: string, no: (name: string, value: unknown) => Refusal | null): Fake {
  const written: string[] = [];
  const objects = new Map(names.map((name) => [name, objectOf(name)]));
  const ports = portsOn(() => Promise.resolve(fail(cut)), folder);
  const write = (patch: Patch): ReturnType<Ports["cluster"]["write"]> => {
    const [edit] = patch.do === "edit" ? patch.edits : [];
    const now = objects.get(patch.ref.name);
    if (edit?.op !== "set" || patch.do !== "edit" || now === undefined) throw new Error("no such patch");
    const why = no(patch.ref.name, edit.now);
    if (why !== null) return Promise.resolve(fail(why));
    written.push(`${patch.ref.name} ${JSON.stringify(edit.now)}`);
    const next = { ...now, json: withEdits(now.json, patch.edits) as JsonObject };
    objects.set(patch.ref.name, next);
    return Promise.resolve(ok({ held: next, warnings: [] }));
  };
  const read: Ports["cluster"]["read"] = (ref) => Promise.resolve(ok(objects.get(ref.name) ?? null));
  return {
    written,
    ports: {
      ...ports,
      clock: { now: () => instant(0), sleep: () => Promise.resolve() },
      cluster: { ...ports.cluster, write, read },
    },
  };
}

describe("Of several patches in one plan,", () => {
  test("all are sent in their order", async () => {
    await inFolder(async (folder) => {
      const { ports, written } = fake(folder, () => null);
      expect(await apply(proposalOf(), ports)).toMatchObject({
        is: "applied",
        steps: ["applied", "applied", "applied"],
      });
      expect(written).toEqual(["a 2", "b 2", "c 2"]);
    });
  });

  test("where one is refused, those before it go back, newest first, and those after it are never sent", async () => {
    await inFolder(async (folder) => {
      const { ports, written } = fake(folder, (name) => (name === "c" ? refusal("invalid") : null));
      expect(await apply(proposalOf(), ports)).toMatchObject({
        is: "refused",
        steps: ["taken back", "taken back", "refused"],
      });
      expect(written).toEqual(["a 2", "b 2", "b 1", "a 1"]);
    });
    await inFolder(async (folder) => {
      const { ports, written } = fake(folder, (name) => (name === "b" ? refusal("forbidden") : null));
      expect(await apply(proposalOf(), ports)).toMatchObject({
        steps: ["taken back", "refused", "not sent"],
      });
      expect(written).toEqual(["a 2", "a 1"]);
    });
  });

  test("where the program is told to end, what is out is finished, nothing more is sent, and what was taken goes back", async () => {
    await inFolder(async (folder) => {
      const leaving = new AbortController();
      const { ports, written } = fake(folder, (name) => {
        if (name === "b") leaving.abort();
        return null;
      });
      const outcome = await apply(proposalOf(), { ...ports, leaving: leaving.signal });
      expect(outcome).toMatchObject({ is: "refused", steps: ["taken back", "taken back", "not sent"] });
      expect(outcome.message).toMatch(/told to end.*shop\/a, .*shop\/b was changed first and is as before/);
      expect(written).toEqual(["a 2", "b 2", "b 1", "a 1"]);
      expect((await entriesIn(ports)).map(({ ended }) => ended?.steps)).toEqual([outcome.steps]);
    });
  });

  test("all that were sent stay, where the program is told to end after the last one", async () => {
    await inFolder(async (folder) => {
      const leaving = new AbortController();
      const { ports, written } = fake(folder, (name) => {
        if (name === "c") leaving.abort();
        return null;
      });
      expect(await apply(proposalOf(), { ...ports, leaving: leaving.signal })).toMatchObject({
        is: "applied",
      });
      expect(written).toEqual(["a 2", "b 2", "c 2"]);
    });
  });

  test("one that can't go back stays, is told, and the others go back all the same", async () => {
    await inFolder(async (folder) => {
      const { ports, written } = fake(folder, (name, value) =>
        name === "c" ? refusal("invalid") : name === "b" && value === 1 ? refusal("forbidden") : null,
      );
      const outcome = await apply(proposalOf(), ports);
      expect(outcome).toMatchObject({ is: "refused", steps: ["taken back", "stayed", "refused"] });
      expect(outcome.message).toMatch(
        /shop\/a was changed first and is as before again.*shop\/b .*could not be put back: undo does it/,
      );
      expect(written).toEqual(["a 2", "b 2", "a 1"]);
    });
  });

  test("whether one went back is unknown where the answer was lost and somebody else wrote since", async () => {
    await inFolder(async (folder) => {
      let lost = false;
      const { ports } = fake(folder, (name, value) => {
        if (name === "c") return refusal("invalid");
        lost ||= name === "b" && value === 1;
        return name === "b" && value === 1 ? refusal("unknown") : null;
      });
      const others = { ...objectOf("b"), resourceVersion: "9", json: { spec: { weight: 5 } } };
      const read: Ports["cluster"]["read"] = (ref) =>
        lost && ref.name === "b" ? Promise.resolve(ok(others)) : ports.cluster.read(ref);
      const outcome = await apply(proposalOf(), { ...ports, cluster: { ...ports.cluster, read } });
      expect(outcome).toMatchObject({ is: "refused", steps: ["taken back", "unknown", "refused"] });
      expect(outcome.message).toMatch(/shop\/b was changed first, and it is unknown whether it is back/);
    });
  });
});

describe("Nothing is sent", () => {
  test.each<readonly [string, Partial<Proposal>, RegExp]>([
    ["against a blocker", { plan: { ...plan, blockers: ["the weights sum to 0"] } }, /the weights sum to 0/],
    ["where there is nothing to do", { plan: { ...plan, patches: [] } }, /nothing to do/],
    ["that no dry run has seen", { rehearsal: null }, /no dry run/],
    [
      "that the dry run refused",
      { rehearsal: { refusal: refusal("invalid"), warnings: [], objects: [] } },
      /It is invalid/,
    ],
  ])("%s, whoever asks", async (_what, more, said) => {
    await inFolder(async (folder) => {
      const { ports, written } = fake(folder, () => null);
      const outcome = await apply(proposalOf(more), ports);
      expect(outcome).toMatchObject({ is: "refused", id: null });
      expect(outcome.message).toMatch(said);
      expect(written).toEqual([]);
      expect(await ports.journal.read()).toEqual({ ok: true, value: { entries: [], damaged: 0 } });
    });
  });
});
