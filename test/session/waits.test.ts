import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogPath, startCommandLine, weightsOf, type CommandLine } from "../support/commandLine.ts";
import { readJsonPage } from "../support/jsonPage.ts";

let line: CommandLine;
beforeAll(async () => {
  line = await startCommandLine();
});
afterAll(() => line.stop());

const weights = async () => weightsOf(await line.object(catalogPath), 1);
const shift = (v1: number): readonly string[] => [
  ...["shift", "istioinaction/catalog", `version-v1=${v1}`, `version-v2=${100 - v1}`, "--yes"],
];
const split = (v1: number) => ({ "version-v1": v1, "version-v2": 100 - v1 });

interface Answer {
  readonly arrival: {
    readonly state: string;
    readonly total: number;
    readonly destinations: readonly {
      readonly name: string;
      readonly wantedShare: number;
      readonly observedShare: number | null;
      readonly observedLow?: number;
      readonly observedHigh?: number;
      readonly counted: number;
    }[];
  } | null;
  readonly outcome: { readonly is: string } | null;
  readonly exitCode: number;
}
function answerIn(stdout: string): Answer {
  const answer: unknown = JSON.parse(stdout);
  expect(readJsonPage().disagreements("answer", answer)).toEqual([]);
  return answer as Answer;
}

describe("A shift that is waited for", () => {
  // v2 gets rule 1's requests too: only what v1 no longer gets is the shift's alone, and no chance makes it agree or not.
  test("ends when callers were seen to follow it, and undo is waited for alike", async () => {
    const shifted = await line.meshtop(...shift(0), "--wait");
    expect(shifted.code).toBe(0);
    expect(shifted.stdout).toMatch(
      /^Applied: shift .*\.\napplied; \d+ % ±\d+ observed of \d+ % \(n \d+\)[^\n]*\n$/,
    );
    expect(shifted.stderr).toContain("applied; counting has not begun\n");
    expect(await weights()).toEqual(split(0));

    await line.meshtop(...shift(50));
    const undone = await line.meshtop("undo", "--yes", "--wait", "-o", "json");
    expect(undone.code).toBe(0);
    const { arrival, exitCode } = answerIn(undone.stdout);
    expect([arrival?.state, exitCode]).toEqual(["agrees", 0]);
    const destinations = arrival?.destinations ?? [];
    const counted = destinations.reduce((sum, one) => sum + one.counted, 0);
    expect(counted).toBeLessThanOrEqual(arrival?.total ?? 0);
    expect(destinations.map(({ name, wantedShare }) => [name, wantedShare])).toEqual([
      ["version-v1", 0],
      ["version-v2", 1],
    ]);
    for (const { observedShare, observedLow, observedHigh } of destinations) {
      expect(observedLow).toBeLessThanOrEqual(observedShare ?? 0);
      expect(observedHigh).toBeGreaterThanOrEqual(observedShare ?? 1);
      expect(observedLow).toBeLessThan(observedHigh ?? 0);
    }
  }, 240_000);

  test("and not seen in time ends with 5: the write stays, and how to take it back is told", async () => {
    const ended = await line.meshtop(...shift(70), "--wait=1s", "-o", "json");
    expect(ended.code).toBe(5);
    expect(ended.stderr).toMatch(/meshtop undo \w+" takes it back/);
    expect(ended.stderr).toMatch(
      /meshtop: applied; whether it arrived cannot be told\. Prometheus got no new sample/,
    );
    const { arrival, outcome, exitCode } = answerIn(ended.stdout);
    expect([arrival?.state, outcome?.is, exitCode]).toEqual(["cannot be told", "applied", 5]);
    expect(arrival?.destinations).toEqual([
      { name: "version-v1", wantedShare: 0.7, observedShare: null, counted: 0 },
      { name: "version-v2", wantedShare: 0.3, observedShare: null, counted: 0 },
    ]);
    expect(await weights()).toEqual(split(70));
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "is not waited for any longer after %s: what is known is the answer, and 5 the code",
    async (signal) => {
      const to = signal === "SIGINT" ? 60 : 80;
      const started = line.start(...shift(to), "--wait=10m");
      await started.says("counting has not begun");
      started.child.kill(signal);
      const ended = await started.ended;
      expect(ended.code).toBe(5);
      expect(ended.stdout).toMatch(/^Applied: shift .*\n$/);
      expect(ended.stderr).toMatch(/meshtop: applied; counting has not begun\n$/);
      expect(await weights()).toEqual(split(to));
    },
  );

  test("was not written: there is nothing to wait for, and the code is that of the refusal", async () => {
    const ended = await line.meshtop("shift", "istioinaction/catalog", "version-v9=1", "--yes", "--wait");
    expect(ended.code).toBe(2);
    expect(ended.stderr).not.toContain("applied");
  });

  test("where no weights were changed there is nothing to wait for", async () => {
    const paused = await line.meshtop("canary", "pause", "istioinaction/recommendation", "--yes");
    expect(paused.code).toBe(0);
    const ended = await line.meshtop("undo", "--yes", "--wait");
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nNothing to wait for: no weights were changed\.\n$/) as string,
    });
  });
});
