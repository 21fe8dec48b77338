/** What is drawn when somebody asks for it, seen by the one who draws. */
import { expect, test } from "vitest";
import { OnDemand, type Hand } from "../../../../src/data/mesh/build/onDemand.ts";
import { atOnce } from "../../../../src/data/mesh/steps.ts";

type Drawing = Readonly<{ of: string }>;

/** Hands that tell of which sight they drew, and after which drawing. */
function drawers() {
  const drew: string[] = [];
  let hands = 0;
  const newHand = (): Hand<string, Drawing> => {
    const name = `hand ${(hands += 1)}`;
    return {
      *draw(sight, before) {
        drew.push(`${name}: ${sight} after ${before?.of ?? "nothing"}`);
        yield;
        return { of: sight };
      },
    };
  };
  return { drew, first: (sight: string) => new OnDemand(sight, newHand) };
}

test("nothing is drawn that nobody asks for, and what is asked for is drawn once", () => {
  const { drew, first } = drawers();
  const monday = first("monday");
  const tuesday = atOnce(monday.next("tuesday"));
  expect(drew).toEqual([]);
  expect(tuesday.value).toBe(tuesday.value);
  expect(tuesday.value.of).toBe("tuesday");
  expect(drew).toHaveLength(1);
});

test("who asked for one gets the next four with their meshes, by the same hand, and none after these", () => {
  const { drew, first } = drawers();
  const monday = first("monday");
  expect(monday.value.of).toBe("monday");
  let day = monday;
  for (const name of ["tuesday", "wednesday", "thursday", "friday", "saturday"]) day = atOnce(day.next(name));
  expect(drew).toEqual([
    "hand 1: monday after nothing",
    "hand 1: tuesday after monday",
    "hand 1: wednesday after tuesday",
    "hand 1: thursday after wednesday",
    "hand 1: friday after thursday",
  ]);
  expect(day.drawn).toBeNull();
});

test("one that is asked for late is drawn of its own sight, by a hand that draws no other", () => {
  const { drew, first } = drawers();
  const monday = first("monday");
  const tuesday = atOnce(monday.next("tuesday"));
  expect(tuesday.value.of).toBe("tuesday");
  const wednesday = atOnce(tuesday.next("wednesday"));
  expect(monday.value.of).toBe("monday");
  atOnce(wednesday.next("thursday"));
  expect(drew).toEqual([
    "hand 1: tuesday after nothing",
    "hand 1: wednesday after tuesday",
    "hand 2: monday after nothing",
    "hand 1: thursday after wednesday",
  ]);
});

const isSame = (a: Drawing, b: Drawing): boolean => a.of.at(-1) === b.of.at(-1);

test("what nobody has seen is no other than the next one; what was seen only where that says the same", () => {
  const { first } = drawers();
  const monday = first("monday");
  const tuesday = atOnce(monday.next("tuesday"));
  expect(monday.says(tuesday, isSame)).toBe(true);
  expect(tuesday.value.of).toBe("tuesday");
  // Drawn with its mesh, and not asked for.
  const noon = atOnce(tuesday.next("noon"));
  expect([tuesday.says(noon, isSame), noon.says(first("wednesday"), isSame)]).toEqual([false, true]);
  expect(noon.value.of).toBe("noon");
  expect(noon.says(atOnce(noon.next("afternoon")), isSame)).toBe(true);
});

test("what goes on in the same mesh was asked for if that was, however often", () => {
  const { first } = drawers();
  let day = first("monday");
  expect(day.value.of).toBe("monday");
  for (const name of ["tuesday", "friday", "sunday", "monday", "tuesday", "friday", "sunday"]) {
    const next = atOnce(day.next(name));
    expect(day.says(next, isSame)).toBe(true);
    next.standInFor(day);
    day = next;
  }
  expect(day.says(first("noon"), isSame)).toBe(false);
});

test("one that is asked for while the next is being made is another than what nobody drew", () => {
  const { first } = drawers();
  const monday = first("monday");
  const next = atOnce(monday.next("tuesday"));
  expect(monday.value.of).toBe("monday");
  expect(monday.says(next, () => true)).toBe(false);
});
