import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { givenAway, mayBeKey, nothingHeld, sifted, type Sifting } from "../../src/ui/cursorReports.ts";

const esc = "\u001b";
const answer = `${esc}[4;17R`;

interface Read {
  readonly keys: string;
  readonly places: readonly string[];
  readonly state: Sifting;
}

/** Pieces one after the other; `null` is a wait that is too long for an escape with nothing behind it. */
function read(...pieces: readonly (string | null)[]): Read {
  let state = nothingHeld;
  let keys = "";
  const places: string[] = [];
  for (const piece of pieces) {
    if (piece === null && !mayBeKey(state)) continue;
    const found = piece === null ? givenAway(state) : sifted(state, piece);
    state = found.next;
    keys += found.rest;
    places.push(...found.places);
  }
  return { keys, places, state };
}

const typed = fc.stringMatching(/^[a-zA-Z0-9;:/ \r]{0,8}$/);

describe("the terminal's answer", () => {
  test("is taken out from between keys, in whatever pieces it comes", () => {
    fc.assert(
      fc.property(typed, typed, fc.array(fc.nat({ max: 30 }), { maxLength: 8 }), (before, after, cuts) => {
        const text = before + answer + after;
        const ends = [...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort((a, b) => a - b);
        const pieces = ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end));
        expect(read(...pieces)).toMatchObject({ keys: before + after, places: ["4;17"] });
      }),
    );
  });

  test("is two where two came, in their order", () => {
    expect(read(`a${answer}${esc}[5;1R${esc}[A`)).toMatchObject({
      keys: `a${esc}[A`,
      places: ["4;17", "5;1"],
    });
  });

  test("that pauses behind its escape is no key but the escape", () => {
    expect(read(esc, null, "[4;17Ry")).toMatchObject({ keys: `${esc}y`, places: ["4;17"] });
    expect(read(`${esc}[`, null, "4;1", null, "7R", "n")).toMatchObject({
      keys: `${esc}[n`,
      places: ["4;17"],
    });
  });

  test("that pauses anywhere else is waited for: no key begins so", () => {
    expect(read(`${esc}[4`, null, ";1", null, "7", null, "R")).toMatchObject({ keys: "", places: ["4;17"] });
  });

  test("in a paste is taken out of it and proves nothing, wherever the pieces end", () => {
    const text = `${esc}[200~yes${answer}yes${esc}[201~`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { keys, places, state } = read(text.slice(0, cut), null, text.slice(cut), answer);
      expect(keys).toBe(`${esc}[200~yesyes${esc}[201~`);
      expect(places).toEqual(["4;17"]);
      expect(state.isPaste).toBe(false);
    }
  });
});

describe("what is no answer stays what it is", () => {
  test.each([
    ["an arrow", `${esc}[A`],
    ["a page key", `${esc}[5~`],
    ["F3 with shift, which has an answer's form in row 1", `${esc}[1;2R`],
    ["an arrow with control", `${esc}[1;5C`],
    ["alt and a letter", `${esc}y`],
    ["two escapes", `${esc}${esc}x`],
    ["another answer, which Ink knows", `${esc}[?62;22c`],
    ["text with brackets and digits", "[4;17R"],
  ])("%s", (_what, text) => {
    expect(read(text)).toMatchObject({ keys: text, places: [] });
    for (let cut = 1; cut < text.length; cut += 1)
      expect(read(text.slice(0, cut), text.slice(cut))).toMatchObject({ keys: text, places: [] });
  });

  test("an escape that nothing follows is the key", () => {
    expect(read(esc)).toMatchObject({ keys: "" });
    expect(read(esc, null)).toMatchObject({ keys: esc });
    expect(read(esc, null, "y", esc, null)).toMatchObject({ keys: `${esc}y${esc}` });
  });
});
