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

test("who asked for one gets the next two with their meshes, by the same hand, and none after these", () => {
  const { drew, first } = drawers();
  const monday = first("monday");
  expect(monday.value.of).toBe("monday");
  let day = monday;
  for (const name of ["tuesday", "wednesday", "thursday", "friday"]) day = atOnce(day.next(name));
  expect(drew).toEqual([
    "hand 1: monday after nothing",
    "hand 1: tuesday after monday",
    "hand 1: wednesday after tuesday",
  ]);
  expect(day.isDrawn).toBe(false);
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
    "hand 2: tuesday after nothing",
    "hand 2: wednesday after tuesday",
    "hand 1: monday after nothing",
    "hand 2: thursday after wednesday",
  ]);
});

test("what nobody has seen says what the next one says; what was seen only where that says the same", () => {
  const { first } = drawers();
  const isSame = (a: Drawing, b: Drawing): boolean => a.of.at(-1) === b.of.at(-1);
  const monday = first("monday");
  const noon = atOnce(monday.next("noon"));
  expect(monday.says(noon, isSame)).toBe(true);
  monday.become(noon);
  expect(monday.value.of).toBe("noon");
  expect(monday.says(atOnce(monday.next("afternoon")), isSame)).toBe(true);
  expect(monday.says(atOnce(monday.next("tuesday")), isSame)).toBe(false);
});

test("one that is asked for while the next is being made does not say what nobody drew", () => {
  const { first } = drawers();
  const monday = first("monday");
  const next = atOnce(monday.next("tuesday"));
  expect(monday.value.of).toBe("monday");
  expect(monday.says(next, () => true)).toBe(false);
});
