import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { catalogPath, startCommandLine, weightsOf, type CommandLine } from "../support/commandLine.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";

const bundle = new URL("../../dist/meshtop.js", import.meta.url).pathname;
let line: CommandLine;
beforeAll(async () => {
  line = await startCommandLine();
});
afterAll(() => line.stop());

/** The coolstore splits its catalog 90 to 10 in the second rule. */
const before = { "version-v1": 90, "version-v2": 10 };
const after = { "version-v1": 80, "version-v2": 20 };
const shift = ["shift", "istioinaction/catalog", "version-v1=80", "version-v2=20"] as const;
const weights = async () => weightsOf(await line.object(catalogPath), 1);
const journalFolder = () => join(line.folder, "state", "meshtop", "journal");

interface WriteDocument {
  readonly context: string;
  readonly plan: {
    readonly summary: string;
    readonly rule: number;
    readonly weights: readonly {
      readonly name: string;
      readonly beforeWeight: number;
      readonly afterWeight: number;
    }[];
    readonly patches: readonly { readonly kubectl: string }[];
  } | null;
  readonly warnings: readonly string[];
  readonly blockers: readonly string[];
  readonly dryRun: { readonly accepted: boolean } | null;
  readonly outcome: { readonly is: string } | null;
  readonly journalId: string | null;
  readonly exitCode: number;
}
const documentIn = (stdout: string) => JSON.parse(stdout) as WriteDocument;

/** Back to the beginning, whatever a test left; the journal too. */
afterEach(async () => {
  const { spec } = await line.object(catalogPath);
  const http = spec.http.map((rule, i) =>
    i === 1
      ? {
          ...rule,
          route: rule.route.map((to) => ({
            ...to,
            weight: before[to.destination.subset as keyof typeof before],
          })),
        }
      : rule,
  );
  await line.meddle(catalogPath, { spec: { http } });
  await line.config("");
  await line.seenAs("meshtop-demo");
  await rm(join(line.folder, "state"), { recursive: true, force: true });
});

describe("A shift without a terminal", () => {
  test("is shown on stderr, and with --dry-run that is all: one sentence is the answer", async () => {
    const ended = await line.meshtop(...shift, "--dry-run");
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(
      /^The server accepts it \(dry run\): shift istioinaction\/catalog, rule 2: .*\n$/,
    );
    expect(ended.stderr).toMatch(/version-v1 +90 \(90 %\) +-> +80 \(80 %\)/);
    expect(ended.stderr).toMatch(/^ *- +weight: 90$/m);
    expect(ended.stderr).toMatch(/^ *\+ +weight: 80$/m);
    expect(await weights()).toEqual(before);
    expect(existsSync(journalFolder())).toBe(false);
  });

  test("writes nothing without --yes, and says how it would", async () => {
    const ended = await line.meshtop(...shift);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/Nothing was written: there is no terminal to ask on. --yes/);
    expect(await weights()).toEqual(before);
  });

  test("is not said yes to by a pipe that says yes all the time", async () => {
    const program = [process.execPath, bundle, ...shift, ...line.where].map((word) => `'${word}'`).join(" ");
    const ended = await promisify(execFile)("sh", ["-c", `yes | ${program}; echo $?`], {
      env: line.environment,
    });
    expect(ended.stdout).toBe("1\n");
    expect(ended.stderr).toContain("there is no terminal to ask on");
    expect(await weights()).toEqual(before);
  });

  test("with --yes writes what the document says, and undo and redo go back and forth", async () => {
    const begin = await line.object(catalogPath);
    const ended = await line.meshtop(...shift, "--yes", "--reason", "drill", "-o", "json");
    expect(ended.code).toBe(0);
    const { plan, ...document } = documentIn(ended.stdout);
    expect(document).toMatchObject({
      context: "meshtop-demo",
      blockers: [],
      dryRun: { accepted: true },
      outcome: { is: "applied" },
      exitCode: 0,
    });
    expect(plan?.rule).toBe(2);
    const written = Object.fromEntries(
      plan?.weights.map(({ name, afterWeight }) => [name, afterWeight]) ?? [],
    );
    expect(written).toEqual(after);
    expect(await weights()).toEqual(written);

    const undone = await line.meshtop("undo", "--yes");
    expect(undone.stderr).toMatch(/meshtop redo \w+" takes it back/);
    expect(undone).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Applied: undo shift .*\n$/) as string,
    });
    expect((await line.object(catalogPath)).spec).toEqual(begin.spec);
    expect((await line.meshtop("undo", "--yes")).code).toBe(2);

    expect((await line.meshtop("redo", document.journalId ?? "", "--yes")).code).toBe(0);
    expect(await weights()).toEqual(after);

    const journal = await line.meshtop("journal", "-o", "json");
    const entries = JSON.parse(journal.stdout) as readonly Record<string, unknown>[];
    expect(entries.map(({ kind, canBeUndone }) => [kind, canBeUndone])).toEqual([
      ["redo", true],
      ["undo", false],
      ["change", false],
    ]);
    expect(entries[2]).toMatchObject({ id: document.journalId, reason: "drill", outcome: { is: "applied" } });
    expect(JSON.stringify(entries[2])).toContain("kubectl --context meshtop-demo -n istioinaction patch");
    const last = await line.meshtop("journal", "--limit", "1");
    expect(last.stdout.trim().split("\n")).toHaveLength(2);
    expect(last.stdout).toMatch(/applied +\S+ +redo shift istioinaction\/catalog/);
  });

  test("whose weights do not sum to 100 says what becomes of them, and is refused where that is a riddle", async () => {
    const parts = ["shift", "istioinaction/catalog", "version-v1=3", "version-v2=1"];
    const kept = await line.meshtop(...parts, "--dry-run", "-o", "json");
    const note = "the weights given sum to 4: written in parts of 100 as version-v1=75 version-v2=25";
    expect(documentIn(kept.stdout)).toMatchObject({
      warnings: [note],
      plan: { weights: [{ afterWeight: 75 }, { afterWeight: 25 }] },
    });
    expect(kept.stderr).toContain(`warning: ${note}`);
    const slip = ["shift", "istioinaction/catalog", "version-v1=80", "version-v2=30", "--yes"];
    const refused = await line.meshtop(...slip);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("sums to 110");
    expect(await weights()).toEqual(before);
    expect((await line.meshtop(...slip, "--normalise")).code).toBe(0);
    expect(await weights()).toEqual({ "version-v1": 73, "version-v2": 27 });
  });

  test("needs no namespace in the name where -n names it", async () => {
    const ended = await line.meshtop("shift", "catalog", "version-v2=20", "-n", "istioinaction", "--yes");
    expect(ended.code).toBe(0);
    expect(await weights()).toEqual(after);
  });

  test("is refused with 1 where no DestinationRule has the subset, and the document says why", async () => {
    const rules = "/apis/networking.istio.io/v1/namespaces/istioinaction/destinationrules/catalog";
    const { spec } = await line.object(rules);
    await line.meddle(rules, { spec: { subsets: [{ name: "version-v1", labels: { version: "v1" } }] } });
    const ended = await line.meshtop(...shift, "--yes", "-o", "json");
    await line.meddle(rules, { spec });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/meshtop: Refused: .*version-v2.*no DestinationRule/);
    expect(documentIn(ended.stdout)).toMatchObject({
      blockers: [expect.stringContaining("version-v2")],
      dryRun: null,
      outcome: null,
      journalId: null,
      exitCode: 1,
    });
    expect(await weights()).toEqual(before);
  });

  test.each([
    [["shift", "istioinaction/nobody", "v1=1"], "There is no service istioinaction/nobody."],
    [["shift", "istioinaction/catalog", "version-v9=1"], "no rule with version-v9"],
    [["undo", "--yes"], "nothing to undo"],
    [["canary", "pause", "istioinaction/nobody"], "no Flagger Canary"],
  ])("%j is wrong usage: 2, and nothing on stdout", async (args, says) => {
    const ended = await line.meshtop(...args);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain(says);
  });
});

describe("What is so already", () => {
  test("is done: exit code 0, nothing is asked, sent or noted, in a runbook that runs twice too", async () => {
    const where = ["istioinaction/catalog", "--yes"];
    expect((await line.meshtop(...shift, "--yes")).code).toBe(0);
    const again = await line.meshtop(...shift, "--yes", "-o", "json");
    expect(again.code).toBe(0);
    expect(documentIn(again.stdout)).toMatchObject({
      outcome: null,
      journalId: null,
      message: "Nothing to do: the weights are so already.",
      exitCode: 0,
    });
    expect((await line.meshtop(...shift)).stdout).toBe("Nothing to do: the weights are so already.\n");
    expect((await line.meshtop("set-mirror", ...where, "version-v9", "--rule", "2")).code).not.toBe(0);
  });
});

describe("Other changes", () => {
  test("a mirror goes on and off, and keeps its target", async () => {
    const mirrored = await line.meshtop(
      ...["set-mirror", "istioinaction/catalog", "version-v2", "--percent", "12.5", "--rule", "2", "--yes"],
    );
    expect(mirrored.code).toBe(0);
    expect((await line.object(catalogPath)).spec.http[1]).toMatchObject({
      mirror: { subset: "version-v2" },
      mirrorPercentage: { value: 12.5 },
    });
    const off = await line.meshtop("set-mirror", "istioinaction/catalog", "--off", "--rule", "2", "--yes");
    expect(off.code).toBe(0);
    expect((await line.object(catalogPath)).spec.http[1]).toMatchObject({
      mirror: { subset: "version-v2" },
      mirrorPercentage: { value: 0 },
    });
    expect((await line.meshtop("undo", "--yes")).code).toBe(0);
    expect((await line.meshtop("undo", "--yes")).code).toBe(0);
    expect((await line.object(catalogPath)).spec.http[1]).not.toHaveProperty("mirror");
  });

  test("the outbound policy of the mesh changes one word of its text, and undo gives every byte back", async () => {
    const path = "/api/v1/namespaces/istio-system/configmaps/istio";
    const { data: begin } = await line.object(path);
    expect((await line.meshtop("set-outbound", "REGISTRY_ONLY", "--mesh", "--yes")).code).toBe(0);
    const { data } = await line.object(path);
    expect(data?.["mesh"]).toBe(begin?.["mesh"]?.replace("mode: ALLOW_ANY", "mode: REGISTRY_ONLY"));
    expect((await line.meshtop("undo", "--yes")).code).toBe(0);
    expect((await line.object(path)).data).toEqual(begin);
  });

  test("a host is declared to a namespace, and undo takes the ServiceEntry away", async () => {
    const entries = "/apis/networking.istio.io/v1/namespaces/istioinaction/serviceentries";
    const names = async () =>
      ((await line.object(entries)) as unknown as { items: { spec: { hosts: string[] } }[] }).items.flatMap(
        ({ spec }) => spec.hosts,
      );
    const begin = await names();
    const declared = await line.meshtop("declare-host", "api.example.com", "-n", "istioinaction", "--yes");
    expect(declared.code).toBe(0);
    expect(await names()).toEqual([...begin, "api.example.com"]);
    expect((await line.meshtop("undo", "--yes")).code).toBe(0);
    expect(await names()).toEqual(begin);
  });

  test("a canary is paused and resumed", async () => {
    const path = "/apis/flagger.app/v1beta1/namespaces/istioinaction/canaries/recommendation";
    expect((await line.meshtop("canary", "pause", "istioinaction/recommendation", "--yes")).code).toBe(0);
    expect((await line.object(path)).spec.suspend).toBe(true);
    expect((await line.meshtop("canary", "resume", "istioinaction/recommendation", "--yes")).code).toBe(0);
    expect((await line.object(path)).spec.suspend ?? false).toBe(false);
  });

  test("on the simulated mesh of one command, nothing is left behind", async () => {
    const ended = await line.meshtop(...shift, "--demo", "coolstore", "--yes");
    expect(ended.code).toBe(0);
    expect(existsSync(journalFolder())).toBe(false);
    expect(readdirSync(join(line.folder, "tmp"))).toEqual([]);
    expect(await weights()).toEqual(before);
  });
});

describe("A context", () => {
  test("with prod in its name wants it named by the yes", async () => {
    await line.seenAs("prod-eu");
    const bare = await line.meshtop(...shift, "--yes");
    expect(bare).toMatchObject({ code: 1, stdout: "" });
    expect(bare.stderr).toContain("--yes=prod-eu");
    expect(await weights()).toEqual(before);
    expect((await line.meshtop(...shift, "--yes=prod-eu")).code).toBe(0);
    expect(await weights()).toEqual(after);
  });

  test("is not the one that the yes is for: nothing is written, protected or not", async () => {
    const ended = await line.meshtop(...shift, "--yes=prod-eu");
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("the yes is for context prod-eu, and this is meshtop-demo");
    expect(await weights()).toEqual(before);
  });

  test("that the configuration makes read-only wants --write and its name; a dry run is free", async () => {
    await line.config("levels:\n  - { context: ^meshtop-, level: read-only }\n");
    const refused = await line.meshtop(...shift, "--yes=meshtop-demo");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("context meshtop-demo is read-only. --write");
    expect((await line.meshtop(...shift, "--write", "--yes")).code).toBe(1);
    expect((await line.meshtop(...shift, "--dry-run")).code).toBe(0);
    expect(await weights()).toEqual(before);
    expect((await line.meshtop(...shift, "--write", "--yes=meshtop-demo")).code).toBe(0);
    expect(await weights()).toEqual(after);
  });

  test("that the configuration opens wants no name, prod or not; --readonly beats it", async () => {
    await line.seenAs("prod-eu");
    await line.config("levels:\n  - { context: prod, level: open }\n");
    expect((await line.meshtop(...shift, "--readonly", "--yes")).code).toBe(1);
    expect(await weights()).toEqual(before);
    expect((await line.meshtop(...shift, "--yes")).code).toBe(0);
  });
});

describe("On a bad line", () => {
  let proxy: Proxy;
  beforeEach(async () => {
    proxy = await startProxy(line.url);
    await line.seenAs("meshtop-demo", proxy.url);
  });
  afterEach(() => proxy.stop());

  test("somebody who was faster is 3, and is not written over", async () => {
    proxy.onWrite(async (send) => {
      await line.meddle(catalogPath, { metadata: { labels: { touched: "yes" } } });
      (await send())();
    });
    const ended = await line.meshtop(...shift, "--yes", "-o", "json");
    expect(ended.code).toBe(3);
    expect(documentIn(ended.stdout)).toMatchObject({ outcome: { is: "conflict" }, exitCode: 3 });
    expect(await weights()).toEqual(before);
  });

  test("a server that is gone in the middle is 4, and the next start says what became of it", async () => {
    proxy.onWrite(() => proxy.cut());
    const ended = await line.meshtop(...shift, "--yes");
    expect(ended).toMatchObject({ code: 4, stdout: "" });
    await line.seenAs("meshtop-demo");
    const next = await line.meshtop("undo", "--yes");
    expect(next).toMatchObject({ code: 2 });
    expect(next.stderr).toMatch(/shift istioinaction\/catalog.* was interrupted. It was not applied/);
  });

  test("an answer that is lost is read, and not asked for again", async () => {
    proxy.onWrite(async (send) => {
      await send();
      proxy.cutOnce();
    });
    const ended = await line.meshtop(...shift, "--yes");
    expect(ended.code).toBe(0);
    expect(await weights()).toEqual(after);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s while it is sent waits for the outcome", async (signal) => {
    proxy.onWrite(async (send) => {
      started.child.kill(signal);
      await started.says("waiting for its outcome");
      (await send())();
    });
    const started = line.start(...shift, "--yes");
    const ended = await started.ended;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^Applied: /);
    expect(await weights()).toEqual(after);
  });

  test("a second ctrl-c ends it with 4, and the next start finds out that it was applied", async () => {
    proxy.onWrite(async (send) => {
      await send();
      started.child.kill("SIGINT");
      await started.says("waiting for its outcome");
      started.child.kill("SIGINT");
    });
    const started = line.start(...shift, "--yes");
    expect(await started.ended).toMatchObject({ code: 4, stdout: "" });
    expect(await weights()).toEqual(after);
    const next = await line.meshtop("undo", "--yes");
    expect(next.code).toBe(0);
    expect(next.stderr).toContain("was interrupted. It was applied");
    expect(await weights()).toEqual(before);
  });

  test("a reader of stdout that is gone loses no outcome: exit code and journal have it", async () => {
    proxy.onWrite(async (send) => {
      started.child.stdout?.destroy();
      (await send())();
    });
    const started = line.start(...shift, "--yes", "-o", "json");
    expect((await started.ended).code).toBe(0);
    const entries = JSON.parse((await line.meshtop("journal", "-o", "json")).stdout) as {
      outcome: unknown;
    }[];
    expect(entries).toMatchObject([{ outcome: { is: "applied" } }]);
  });
});
