import { writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { Ended, Intent } from "../../src/actions/journalEntry.ts";
import { explainAtStart, openWritePath, processRuns } from "../../src/actions/openWritePath.ts";
import type { Ports } from "../../src/actions/run.ts";
import { fail, ok } from "../../src/data/mesh/result.ts";
import { instant } from "../../src/data/mesh/units.ts";
import { held, virtualServiceRef } from "./changes/routes.ts";
import { cut, inFolder } from "../support/writePath.ts";

const connection = { context: "prod", user: "alice@corp", host: "10.0.0.1:6443" };
const opened = (directory: string, env: Record<string, string> = {}, newId?: () => string): Ports =>
  openWritePath({
    request: () => Promise.resolve(fail(cut)),
    directory,
    connection,
    env,
    now: () => instant(Date.parse("2026-01-02T00:00:00Z")),
    sleep: () => Promise.resolve(),
    ...(newId === undefined ? {} : { newId }),
  });

describe("The ports of a write", () => {
  test("say who acts, from where, on what", () => {
    const { origin, journal } = opened("/state", { SSH_CONNECTION: "10.1.1.1 5 10.2.2.2 22" });
    expect(origin).toEqual({
      user: userInfo().username,
      ssh: "10.1.1.1 5 10.2.2.2 22",
      machine: hostname(),
      pid: process.pid,
      kubeUser: "alice@corp",
      context: "prod",
      server: "10.0.0.1:6443",
    });
    expect(journal.path).toBe("/state/journal/prod.jsonl");
    expect(opened("/state").origin.ssh).toBeNull();
  });

  test("name entries briefly, each one differently, or as they are told", () => {
    const { newId } = opened("/state");
    const ids = Array.from({ length: 1000 }, newId);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every((id) => /^[0-9a-hjkmnp-tv-z]{8}$/.test(id))).toBe(true);
    expect(opened("/state", {}, () => "mine").newId()).toBe("mine");
  });
});

test("A process runs until it has ended", () => {
  expect(processRuns(process.pid)).toBe(true);
  // Of root, or of us.
  expect(processRuns(1)).toBe(true);
  expect(processRuns(spawnSync("true").pid)).toBe(false);
});

const ref = virtualServiceRef("shop/catalog");
const weight = "/spec/http/0/route/0/weight";
const object = (now: number) => held(ref, { spec: { http: [{ route: [{ weight: now }] }] } });
const intent = (origin: Ports["origin"], pid: number): Intent => ({
  record: "intent",
  id: "k1",
  at: "2026-01-01T23:59:59.000Z",
  kind: "change",
  root: "k1",
  origin: { ...origin, pid },
  reason: null,
  summary: "shift shop/catalog, rule 1: v1 90 -> 10",
  change: { kind: "undo", redo: false, entry: "" },
  weights: [],
  grave: false,
  patches: [
    {
      patch: {
        do: "edit",
        ref,
        subresource: null,
        uid: "uid-catalog",
        resourceVersion: "7",
        pinned: true,
        guards: [],
        edits: [{ op: "set", path: weight, was: 90, now: 10 }],
      },
      sends: [],
      inverse: [],
    },
  ],
});
const NOBODY = 4_000_000;

describe("At the start", () => {
  const world = async (
    run: (ports: Ports, see: (found: Awaited<ReturnType<Ports["cluster"]["read"]>>) => void) => Promise<void>,
  ) =>
    inFolder(async (directory) => {
      const plain = opened(directory);
      let found: Awaited<ReturnType<Ports["cluster"]["read"]>> = fail(cut);
      const read = () => Promise.resolve(found);
      await run({ ...plain, cluster: { ...plain.cluster, read } }, (next) => {
        found = next;
      });
    });

  test("there is nothing to tell of a journal without open ends", async () => {
    await world(async (ports) => {
      expect(await explainAtStart(ports)).toEqual([]);
      const ended: Ended = {
        record: "outcome",
        id: "k1",
        at: "",
        is: "applied",
        message: "",
        steps: ["applied"],
        explained: false,
      };
      await ports.journal.append(intent(ports.origin, NOBODY));
      await ports.journal.append(ended);
      expect(await explainAtStart(ports)).toEqual([]);
    });
  });

  test.each([
    ["applied", 10, /^shift shop\/catalog.* was interrupted\. It was applied/],
    ["not applied", 90, /It was not applied/],
  ])("a killed change is told to be %s, once", async (_what, now, said) => {
    await world(async (ports, see) => {
      await ports.journal.append(intent(ports.origin, NOBODY));
      see(ok(object(now)));
      const told = await explainAtStart(ports);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(said);
      expect(await explainAtStart(ports)).toEqual([]);
    });
  });

  test("what can't be found out is told once, looked at again, and told when it is known", async () => {
    await world(async (ports, see) => {
      await ports.journal.append(intent(ports.origin, NOBODY));
      expect((await explainAtStart(ports)).join()).toMatch(/can't be told/);
      expect(await explainAtStart(ports)).toEqual([]);
      see(ok(object(10)));
      expect((await explainAtStart(ports)).join()).toMatch(/It was applied/);
      expect(await explainAtStart(ports)).toEqual([]);
    });
  });

  test("a writer that lives is left alone, and one with our own number is dead: containers give it out again", async () => {
    await world(async (ports, see) => {
      see(ok(object(90)));
      await ports.journal.append(intent(ports.origin, 1));
      expect(await explainAtStart(ports)).toEqual([]);
    });
    await world(async (ports, see) => {
      see(ok(object(90)));
      await ports.journal.append(intent(ports.origin, process.pid));
      expect(await explainAtStart(ports)).toHaveLength(1);
    });
  });

  test("a journal that can't be read is told", async () => {
    await inFolder(async (directory) => {
      writeFileSync(join(directory, "journal"), "a file where the folder should be");
      expect((await explainAtStart(opened(directory))).join()).toMatch(/journal.*can't be read/);
    });
  });
});
