import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fetch } from "undici";
import type { Patch } from "../../src/actions/change.ts";
import { turnCommand } from "../../src/actions/commands.ts";
import {
  entriesOf,
  redoable,
  undoable,
  type Entry,
  type JournalRecord,
  type StepState,
} from "../../src/actions/journalEntry.ts";
import { explainAtStart } from "../../src/actions/openWritePath.ts";
import type { Asking } from "../../src/actions/proposal.ts";
import { apply, type Ports } from "../../src/actions/run.ts";
import { steeringOf } from "../../src/actions/steering.ts";
import { entryFor } from "../../src/actions/turn.ts";
import { startKubeServer, type KubeServer } from "../../src/data/demo/kube/server.ts";
import { fail } from "../../src/data/mesh/result.ts";
import { instant } from "../../src/data/mesh/units.ts";
import type { KubeWorld } from "../support/kubeWorlds.ts";
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
import { carriedOut, cut, entriesIn, inFolder, portsOn, proposed, requestTo } from "../support/writePath.ts";

/** A meshtop that is killed while such a patch of its own is under way: no answer ever comes. */
const dyingAt = (ports: Ports, isLast: (patch: Patch) => boolean): Ports => ({
  ...ports,
  origin: { ...ports.origin, pid: 4_000_000 },
  cluster: {
    ...ports.cluster,
    write: (patch, mode) =>
      mode === "for real" && isLast(patch)
        ? new Promise<never>(() => undefined)
        : ports.cluster.write(patch, mode),
  },
});

const mesh = shopMesh();
const yes: Asking = { reason: null, dryRun: false, confirm: () => Promise.resolve(true) };

let server: KubeServer;
/** Of the server's clock, in ms: it tells who wrote last by the second. */
let ahead = 0;
let world: Pick<KubeWorld, "fetch">;
const worldOf = ({ url }: KubeServer): Pick<KubeWorld, "fetch"> => ({
  fetch: async (path, init) => {
    const answer = await fetch(url + path, init);
    const text = await answer.text();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as in kubeWorlds
    return { status: answer.status, contentType: "", text, json: <T>() => JSON.parse(text) as T };
  },
});
beforeAll(async () => {
  server = await startKubeServer({ clock: () => Date.now() + ahead });
  world = worldOf(server);
});
beforeEach(() => fillShop(world));
afterAll(() => server.stop());

const inWorld = (run: (ports: Ports, folder: string) => Promise<void>) =>
  inFolder(async (folder) => run(portsOn(await requestTo(server.kubeconfig), folder), folder));
const both = () => Promise.all([pathOf(canary), pathOf(payments)].map((path) => contentOf(world, path)));

describe("A context that leads to another cluster by now", () => {
  const other = (ports: Ports, cluster: string | null, address = "10.9.9.9:6443"): Ports => ({
    ...ports,
    origin: { ...ports.origin, server: address },
    cluster: { ...ports.cluster, identity: () => Promise.resolve(cluster) },
  });
  const known = (ports: Ports, cluster: string | null): Ports => other(ports, cluster, ports.origin.server);
  const undo = { is: "undo", id: null } as const;

  test.each([
    [
      "known by its identity, at another address",
      "one",
      "two",
      "10.9.9.9:6443",
      /the context leads to another cluster by now, 10.9.9.9:6443/,
    ],
    [
      "known by its identity, behind the same address",
      "one",
      "two",
      "127.0.0.1",
      /behind that address is another cluster by now/,
    ],
    [
      "of which only the address is known",
      null,
      null,
      "10.9.9.9:6443",
      /leads to 10.9.9.9:6443 by now, which may be another cluster/,
    ],
    [
      "of which the identity may not be read now",
      "one",
      null,
      "10.9.9.9:6443",
      /which may be another cluster/,
    ],
  ])("%s: nothing is undone there, and a sentence says why", async (_how, then, now, address, said) => {
    await inWorld(async (ports) => {
      await carriedOut(shift, mesh, known(ports, then));
      const after = await contentOf(world, pathOf(route));
      const result = await turnCommand(undo, other(ports, now, address), yes);
      expect(result).toMatchObject({ exitCode: 1, outcome: null });
      expect(result.message).toMatch(
        /^Refused: shift shop\/catalog.* was made on the API server 127\.0\.0\.1/,
      );
      expect(result.message).toMatch(said);
      expect(await contentOf(world, pathOf(route))).toEqual(after);
      // Where it was made, it is undone as ever.
      expect((await turnCommand(undo, known(ports, then), yes)).exitCode).toBe(0);
    });
  });

  test("is the same cluster where its identity says so, at whatever address", async () => {
    await inWorld(async (ports) => {
      await carriedOut(shift, mesh, known(ports, "one"));
      expect((await turnCommand(undo, other(ports, "one"), yes)).exitCode).toBe(0);
    });
  });

  test("is not read for what a killed writer did elsewhere, and what was left behind elsewhere is not looked for in it", async () => {
    await inWorld(async (ports) => {
      const { append } = ports.journal;
      const mute = {
        ...ports.journal,
        append: (record: JournalRecord) =>
          append(
            record.record === "intent" ? { ...record, origin: { ...record.origin, pid: 4_000_000 } } : record,
          ),
      };
      const proposal = await proposed({ kind: "canary", canary, verb: "pause" }, mesh, ports);
      await apply(proposal, {
        ...known(ports, "one"),
        journal: {
          ...mute,
          append: (record) =>
            record.record === "intent" ? mute.append(record) : Promise.resolve(fail(config)),
        },
      });
      const there = other(ports, "two");
      const reads: string[] = [];
      const watched: Ports = {
        ...there,
        cluster: { ...there.cluster, read: (ref) => (reads.push(ref.name), ports.cluster.read(ref)) },
      };
      expect(await explainAtStart(watched)).toEqual([
        expect.stringMatching(
          /^pause Canary shop\/payments .* another cluster by now.*nothing of it is touched here/,
        ),
      ]);
      expect(await explainAtStart(watched)).toEqual([]);
      expect(reads).toEqual([]);
      // Back where it was made, it is found out, and that the canary is still suspended.
      expect(await explainAtStart(known(ports, "one"))).toEqual([expect.stringMatching(/It was applied/)]);
      expect(await explainAtStart(known(ports, "one"))).toEqual([
        expect.stringMatching(/is suspended.*since/),
      ]);
      expect(await explainAtStart(watched)).toEqual([]);
    });
  });
});
const config = { kind: "config", message: "The journal can't be written.", advice: null } as const;

test("the cluster is known by a namespace that is as old as it, and asked for once", async () => {
  const stored = await world.fetch("/api/v1/namespaces/kube-system");
  const { uid } = stored.json<{ metadata: { uid: string } }>().metadata;
  const asked: string[] = [];
  const request = await requestTo(server.kubeconfig, (path) => {
    if (path.endsWith("/kube-system")) asked.push(path);
    return undefined;
  });
  await inFolder(async (folder) => {
    const ports = portsOn(request, folder);
    await carriedOut(shift, mesh, ports);
    await turnCommand({ is: "undo", id: null }, ports, yes);
    expect((await entriesIn(ports)).map(({ intent }) => intent.cluster)).toEqual([uid, uid]);
    expect(asked).toHaveLength(1);
  });
});

describe("While it is not known how the newest change ended,", () => {
  const later = (ports: Ports): Ports => ({
    ...ports,
    clock: { ...ports.clock, now: () => instant(Date.now() + 120_000) },
  });

  test("undo without a name takes nothing older back: it says what is open, and the next one goes on", async () => {
    let gone = false;
    await inFolder(async (folder) => {
      const request = await requestTo(server.kubeconfig, (path) =>
        gone && path.includes("/payments") ? Promise.resolve(fail(cut)) : undefined,
      );
      const ports = portsOn(request, folder);
      await carriedOut(shift, mesh, ports);
      const proposal = await proposed(handShift, mesh, ports);
      gone = true;
      expect((await apply(proposal, ports)).is).toBe("unknown");
      const first = await entryFor({ is: "undo", id: null }, ports);
      expect(!first.ok && first.error).toMatch(/^shift shop\/payments.*can't be told by reading.*name it\.$/);
      const second = await entryFor({ is: "undo", id: null }, ports);
      expect(second.ok && second.value.intent.summary).toMatch(/^shift shop\/catalog/);
    });
  });

  test("a writer that is at it is waited for, unless an older change is named", async () => {
    await inWorld(async (ports) => {
      const { id } = await carriedOut(shift, mesh, ports);
      const proposal = await proposed(handShift, mesh, ports);
      const stuck: Ports = {
        ...ports,
        cluster: { ...ports.cluster, write: () => new Promise<never>(() => undefined) },
      };
      void apply(proposal, stuck);
      while ((await entriesIn(ports)).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      const undo = await entryFor({ is: "undo", id: null }, ports);
      expect(!undo.ok && undo.error).toMatch(
        new RegExp(`shift shop/payments.*is being written, by process ${process.pid}`),
      );
      expect((await entryFor({ is: "redo", id: null }, ports)).ok).toBe(false);
      expect((await entryFor({ is: "undo", id }, ports)).ok).toBe(true);
    });
  });

  test("what a start found out while the writer was at it does not outlast the writer's own word", async () => {
    await inWorld(async (ports) => {
      const proposal = await proposed(shift, mesh, ports);
      let meanwhile: () => Promise<unknown> = () => Promise.resolve();
      const slow: Ports = {
        ...ports,
        journal: {
          ...ports.journal,
          append: async (record) => {
            const written = await ports.journal.append(record);
            if (record.record === "outcome") await meanwhile();
            return written;
          },
        },
      };
      // Another start reads the object before the patch, and writes what it found after the writer's own word.
      meanwhile = () =>
        ports.journal.append({
          record: "outcome",
          id: (last as Entry).intent.id,
          at: "",
          is: "refused",
          message: "It was not applied.",
          steps: ["not sent"],
          explained: true,
        });
      let last: Entry | undefined;
      const { append } = slow.journal;
      const noting: Ports = {
        ...slow,
        journal: {
          ...slow.journal,
          append: async (record) => {
            if (record.record === "outcome") last = (await entriesIn(ports)).at(-1);
            return append(record);
          },
        },
      };
      expect((await apply(proposal, noting)).is).toBe("applied");
      expect((await turnCommand({ is: "undo", id: null }, later(ports), yes)).exitCode).toBe(0);
    });
  });
});

describe("An undo that was made in part", () => {
  const stepsOf = (entry: Entry | null) => entry?.intent.patches.map(({ patch }) => patch.ref.kind) ?? [];

  test("is finished by the next one: what is left is what is undone", async () => {
    await inWorld(async (ports) => {
      const before = await both();
      await carriedOut(handShift, mesh, ports);
      // The writer dies after the first of two: the weights are back, the suspension stays.
      const entry = undoable(await entriesIn(ports));
      expect(stepsOf(entry)).toEqual(["Canary", "VirtualService"]);
      const steering = steeringOf(
        dyingAt(ports, ({ ref }) => ref.kind === "Canary"),
        () => mesh,
      );
      const undo = await steering.proposeUndo("undo", null);
      if (!undo.ok) throw new Error(undo.error);
      void steering.apply(undo.value);
      while (((await entriesIn(ports)).at(-1)?.sent.length ?? 0) === 0 || (await entriesIn(ports)).length < 2)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await explainAtStart(ports)).toEqual([
        expect.stringMatching(
          /^undo shift shop\/payments.*was interrupted\. It was applied in part: undo takes back the rest/,
        ),
        expect.stringMatching(/is suspended/),
      ]);
      expect(stepsOf(undoable(await entriesIn(ports)))).toEqual(["Canary"]);
      expect((await turnCommand({ is: "undo", id: null }, ports, yes)).message).toMatch(
        /^Applied: undo shift/,
      );
      expect(await both()).toEqual(before);
      expect(undoable(await entriesIn(ports))).toBeNull();
    });
  });

  const patch = (name: string) => ({
    patch: { do: "delete", ref: { ...route, name }, uid: "u", resourceVersion: "1", manifest: {} } as const,
    sends: [],
    inverse: [],
  });
  const entry = (
    id: string,
    kind: "change" | "undo" | "redo",
    names: string,
    steps: readonly StepState[],
  ): readonly JournalRecord[] => [
    {
      record: "intent",
      id,
      kind,
      root: "a",
      at: "",
      origin: { user: "", ssh: null, machine: "", pid: 1, kubeUser: "", context: "", server: "" },
      reason: null,
      summary: id,
      change: { kind: "undo", redo: false, entry: "" },
      weights: [],
      grave: false,
      patches: names.split("").map(patch),
    },
    { record: "outcome", id, at: "", is: "applied", message: "", steps, explained: false },
  ];
  const change = entry("a", "change", "xyz", ["applied", "applied", "applied"]);
  const inEffect = (...records: readonly (readonly JournalRecord[])[]) => {
    const entries = entriesOf(records.flat());
    const names = undoable(entries)?.intent.patches.map(({ patch: one }) => one.ref.name) ?? [];
    return [
      names.join(""),
      undoable(entries)?.ended?.steps.length ?? 0,
      redoable(entries)?.intent.id ?? null,
    ];
  };
  const half = entry("b", "undo", "zyx", ["applied", "not sent", "not sent"]);
  const rest = entry("c", "undo", "yx", ["applied", "applied"]);
  test.each([
    ["leaves the rest", [change, half], ["xy", 2, "b"]],
    ["and then the rest of it, leaves nothing", [change, half, rest], ["", 0, "c"]],
    [
      "and was done again, leaves all, in the order of the change",
      [change, half, entry("c", "redo", "z", ["applied"])],
      ["xyz", 3, null],
    ],
    [
      "of a redo",
      [
        change,
        entry("b", "undo", "zyx", ["applied", "applied", "applied"]),
        entry("c", "redo", "xyz", ["applied", "applied", "applied"]),
        entry("d", "undo", "zyx", ["stayed", "refused", "not sent"]),
      ],
      ["xy", 2, "d"],
    ],
    [
      "of which all was taken back again, leaves all",
      [change, entry("b", "undo", "zyx", ["taken back", "refused", "not sent"])],
      ["xyz", 3, null],
    ],
  ] as const)("%s", (_what, records, expected) => {
    expect(inEffect(...records)).toEqual(expected);
  });
});

describe("A change that somebody else put back by hand", () => {
  /** With the values of before, under another name. */
  async function putBack(path: string, before: unknown): Promise<void> {
    const { spec } = before as { readonly spec: unknown };
    ahead += 60_000;
    const answer = await world.fetch(`${path}?fieldManager=kubectl-edit`, {
      method: "PATCH",
      headers: { "content-type": "application/json-patch+json" },
      body: JSON.stringify([{ op: "replace", path: "/spec", value: spec }]),
    });
    expect(answer.status).toBe(200);
  }
  const path = pathOf(route);

  test("is undone already: nothing is asked, and nothing is refused", async () => {
    await inWorld(async (ports) => {
      const before = await contentOf(world, path);
      await carriedOut(shift, mesh, ports);
      await putBack(path, before);
      const asked: Asking = { ...yes, confirm: () => Promise.reject(new Error("asked")) };
      const { exitCode, message, outcome } = await turnCommand({ is: "undo", id: null }, ports, asked);
      expect([exitCode, message, outcome]).toEqual([
        0,
        "Nothing to do: all that it would put back is so already.",
        null,
      ]);
    });
  });

  test("while its undo was killed, is no longer in effect, and the change before it is the next to undo", async () => {
    await inWorld(async (ports) => {
      await carriedOut(handShift, mesh, ports);
      const before = await contentOf(world, path);
      await carriedOut(shift, mesh, ports);
      const steering = steeringOf(
        dyingAt(ports, () => true),
        () => mesh,
      );
      const undo = await steering.proposeUndo("undo", null);
      if (!undo.ok) throw new Error(undo.error);
      void steering.apply(undo.value);
      while ((await entriesIn(ports)).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      await putBack(path, before);
      await explainAtStart(ports);
      expect((await entriesIn(ports)).at(-1)?.ended?.is).toBe("applied");
      const next = await entryFor({ is: "undo", id: null }, ports);
      expect(next.ok && next.value.intent.summary).toMatch(/^shift shop\/payments/);
    });
  });
});
