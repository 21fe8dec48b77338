import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  disturbed,
  gateFor,
  press,
  quiet,
  seen,
  SILENCE,
  type Gate,
  type Stroke,
  type Verdict,
} from "../../../src/ui/state/answerGate.ts";
import { instant } from "../../../src/data/mesh/units.ts";

/** What a question asks for. */
type Asks = "y" | "Y second" | "y first of two" | "name";

const NAME = "prod-eu";

/** One thing that happens: the frame leaves, a piece of input arrives, a paste in brackets arrives. */
type Happening =
  | { readonly at: number; readonly is: "painted" }
  | { readonly at: number; readonly is: "pasted" }
  | { readonly at: number; readonly is: "chunk"; readonly text: string };

const controls: Readonly<Record<string, Stroke>> = {
  "\u001b": { is: "decline" },
  "\u0003": { is: "decline" },
  "\r": { is: "end", matches: false },
  "\n": { is: "end", matches: false },
  "\u007f": { is: "erase" },
};

const letters: Readonly<Record<string, Stroke>> = {
  n: { is: "decline" },
  q: { is: "decline" },
  j: { is: "scroll" },
  k: { is: "scroll" },
};

function strokeOf(key: string, asks: Asks, typed: string): Stroke {
  const control = controls[key];
  if (control !== undefined)
    return control.is === "end" ? { is: "end", matches: asks === "name" && typed === NAME } : control;
  if (asks === "name") return { is: "letter", text: key };
  if (key === (asks === "Y second" ? "Y" : "y")) return { is: "yes" };
  return letters[key] ?? { is: "other" };
}

interface Ended {
  /** When the answer counted; empty: it never did. */
  readonly counted: readonly number[];
  readonly verdicts: readonly Verdict[];
  readonly isDeclined: boolean;
}

/** The question as the program runs it: silence is told when it is over, and a declined question is closed. */
function play(asks: Asks, happenings: readonly Happening[]): Ended {
  let gate: Gate = gateFor("1/first");
  let typed = "";
  const counted: number[] = [];
  const verdicts: Verdict[] = [];
  const silence = (until: number): void => {
    if (gate.since === null || until - gate.since < SILENCE) return;
    const at = instant(gate.since + SILENCE);
    const [next, isAnswer] = quiet(gate, at);
    gate = next;
    if (isAnswer) counted.push(at);
  };
  for (const happening of happenings) {
    silence(happening.at);
    const at = instant(happening.at);
    if (happening.is === "painted") gate = seen(gate, at);
    else if (happening.is === "pasted") gate = disturbed(gate, at);
    else {
      const strokes = Array.from(happening.text).map((key) => strokeOf(key, asks, typed));
      const [next, verdict] = press(gate, strokes, { at, last: asks !== "y first of two" });
      gate = next;
      verdicts.push(verdict);
      if (verdict.is === "declined") return { counted, verdicts, isDeclined: true };
      if (verdict.is === "yes") counted.push(at);
      if (verdict.is === "typed") typed += verdict.text;
      if (verdict.is === "erased") typed = typed.slice(0, -1);
      if (verdict.is === "ignored" && verdict.forgets) typed = "";
    }
  }
  silence((happenings.at(-1)?.at ?? 0) + 10 * SILENCE);
  return { counted, verdicts, isDeclined: false };
}

const paintedAt = (at: number): Happening => ({ at, is: "painted" });
const chunk = (at: number, text: string): Happening => ({ at, is: "chunk", text });

/** Each character alone, so many milliseconds apart. */
function typing(from: number, text: string, gap: number): readonly Happening[] {
  return Array.from(text).map((key, n) => chunk(from + n * gap, key));
}

const isAnswered = (asks: Asks, ...happenings: readonly Happening[]): boolean =>
  play(asks, happenings).counted.length > 0;

const everyAsk = fc.constantFrom<Asks>("y", "Y second", "y first of two", "name");
const gap = fc.integer({ min: 0, max: SILENCE - 1 });

/** Text with what answers in it: random characters alone would rarely hold it. */
const anyText = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }),
  fc
    .array(fc.constantFrom("y", "Y", NAME, "\r", "\n", "j", "p", " ", "n", "w20"), {
      minLength: 1,
      maxLength: 20,
    })
    .map((parts) => parts.join("")),
);

/** Any text in any pieces, with silences too short to count. */
const pieces = fc
  .array(fc.tuple(anyText, gap), { minLength: 1, maxLength: 30 })
  .map((list) => list.filter(([text]) => text !== ""));

function poured(from: number, list: readonly (readonly [string, number])[]): readonly Happening[] {
  let at = from;
  return list.map(([text, wait]) => {
    at += wait;
    return chunk(at, text);
  });
}

describe("a yes counts", () => {
  test("where the question was on screen for a quarter of a second, and nothing follows it", () => {
    expect(isAnswered("y", paintedAt(0), chunk(250, "y"))).toBe(true);
    expect(play("y", [paintedAt(0), chunk(250, "y")]).counted).toEqual([500]);
  });

  test("long after the question came, too", () => {
    expect(isAnswered("y", paintedAt(0), chunk(600_000, "y"))).toBe(true);
  });

  test("again after one that was too early, when it is quiet in between", () => {
    expect(isAnswered("y", paintedAt(0), chunk(100, "y"), chunk(350, "y"))).toBe(true);
    expect(isAnswered("y", paintedAt(0), chunk(100, "y"), chunk(349, "y"))).toBe(false);
  });

  test("at once where a second one is asked for after it", () => {
    expect(play("y first of two", [paintedAt(0), chunk(250, "y")]).counted).toEqual([250]);
  });

  test("after scrolling, when it is quiet in between", () => {
    expect(isAnswered("y", paintedAt(0), chunk(300, "j"), chunk(400, "y"))).toBe(false);
    expect(isAnswered("y", paintedAt(0), chunk(300, "j"), chunk(550, "y"))).toBe(true);
  });
});

describe("a name counts", () => {
  test("typed as fast as one likes after its first letter, ended with enter", () => {
    expect(isAnswered("name", paintedAt(0), ...typing(250, `${NAME}\r`, 30))).toBe(true);
  });

  test("where a slow line brings its letters together", () => {
    const happenings = [paintedAt(0), chunk(300, "p"), chunk(400, "rod-eu"), chunk(450, "\r")];
    expect(isAnswered("name", ...happenings)).toBe(true);
  });

  test("with a letter that was erased", () => {
    expect(isAnswered("name", paintedAt(0), ...typing(300, "prod-eX\u007fu\r", 50))).toBe(true);
  });

  test.each([
    ["its first letters came too early", typing(0, `${NAME}\r`, 100)],
    ["enter came in one piece with it", [chunk(300, "p"), chunk(400, "rod-eu\r")]],
    ["it came in one piece", [chunk(300, NAME), chunk(800, "\r")]],
    ["it is another one", typing(300, "prod-us\r", 50)],
    ["enter came alone", [chunk(300, "\r")]],
    ["more lines follow it", typing(300, `${NAME}\rprod`, 50)],
  ])("not where %s", (_why, happenings) => {
    expect(isAnswered("name", paintedAt(0), ...happenings)).toBe(false);
  });
});

describe("no answer is", () => {
  test("anything that arrived before the question was painted", () => {
    fc.assert(
      fc.property(everyAsk, fc.array(fc.tuple(anyText, fc.nat(5000))), (asks, list) => {
        const before = poured(0, list);
        const end = before.at(-1)?.at ?? 0;
        expect(isAnswered(asks, ...before, paintedAt(end))).toBe(false);
      }),
    );
  });

  test("any one piece of several keys, whenever it comes", () => {
    fc.assert(
      fc.property(everyAsk, anyText, fc.nat(5000), (asks, text, at) => {
        fc.pre(Array.from(text).length > 1);
        expect(isAnswered(asks, paintedAt(0), chunk(at, text))).toBe(false);
      }),
    );
  });

  test("a page of text in any pieces with short gaps, before, during and after the frame", () => {
    fc.assert(
      fc.property(everyAsk, pieces, fc.nat(40), fc.nat(2000), (asks, list, split, wait) => {
        const first = poured(0, list.slice(0, split));
        const frame = first.at(-1)?.at ?? 0;
        const rest = poured(frame + wait, list.slice(split));
        const text = rest.map((one) => (one.is === "chunk" ? one.text : "")).join("");
        // A single y, or the name and enter key by key, is what a person types.
        fc.pre(text !== "y" && text !== "Y" && text !== `${NAME}\r` && text !== `${NAME}\n`);
        const { counted } = play(asks, [...first, paintedAt(frame), ...rest]);
        // The first of two writes nothing; the second one has a question, a frame and a silence of its own.
        if (asks !== "y first of two") expect(counted).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test("a paste in brackets, and what is pressed right after it", () => {
    const pasted: Happening = { at: 1000, is: "pasted" };
    expect(isAnswered("y", paintedAt(0), pasted, chunk(1100, "y"))).toBe(false);
    expect(isAnswered("y", paintedAt(0), chunk(900, "y"), pasted)).toBe(false);
  });

  test("enter, a space, or any key but the one that is asked for", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 1, unit: "grapheme" }), fc.nat(5000), (key, at) => {
        fc.pre(Array.from(key).length === 1);
        expect(isAnswered("y", paintedAt(0), chunk(at, key))).toBe(key === "y" && at >= SILENCE);
        expect(isAnswered("Y second", paintedAt(0), chunk(at, key))).toBe(key === "Y" && at >= SILENCE);
      }),
    );
  });
});

describe("no", () => {
  test.each(["n", "\u001b", "\u0003", "q"])("%j closes the question at any time, in any company", (key) => {
    expect(play("y", [chunk(0, key)]).isDeclined).toBe(true);
    expect(play("y", [paintedAt(0), chunk(10, `y${key}`)]).isDeclined).toBe(true);
  });

  test("takes back a yes that was just given", () => {
    const ended = play("y", [paintedAt(0), chunk(300, "y"), chunk(400, "n")]);
    expect(ended).toMatchObject({ counted: [], isDeclined: true });
  });

  test("is no letter that belongs to a name", () => {
    expect(play("name", [paintedAt(0), chunk(300, "n")]).verdicts).toEqual([{ is: "typed", text: "n" }]);
  });
});

test.each([
  ["y before the frame", [chunk(0, "y")], "unseen"],
  ["y right after the frame", [paintedAt(0), chunk(249, "y")], "early"],
  ["two keys at once", [paintedAt(0), chunk(300, "yy")], "several"],
  ["more after the answer", [paintedAt(0), chunk(300, "y"), chunk(400, "e")], "followed"],
  ["enter", [paintedAt(0), chunk(300, "\r")], "enter"],
  ["another key", [paintedAt(0), chunk(300, "x")], "other"],
] as const)("%s is told to be no answer: %s", (_what, happenings, why) => {
  expect(play("y", happenings).verdicts.at(-1)).toMatchObject({ is: "ignored", why });
});

test("a second yes that comes too early does not take the first one back, and other keys do", () => {
  const soon = (key: string) => play("Y second", [paintedAt(0), chunk(100, key)]).verdicts[0];
  expect(soon("Y")).toMatchObject({ forgets: false });
  expect(soon("e")).toMatchObject({ forgets: true });
});
