import { expect, test } from "vitest";
import type { Box, Call, Picture } from "../../../src/ui/graph/boxes.ts";
import { pictureIndexOf } from "../../../src/ui/graph/pictureIndex.ts";

const box = (key: string): Box => ({ key }) as Box;
const call = (from: string, to: string): Call => ({ key: `${from} ${to}`, from, to }) as Call;

const picture: Picture = {
  boxes: ["catalog", "web"].map(box),
  calls: [call("catalog", "catalog"), call("catalog", "web"), call("web", "catalog"), call("web", "outside")],
  home: null,
};

test("calls are found at both of their ends, in the picture's order, and one of a box to itself once", () => {
  const { callsAt } = pictureIndexOf(picture);
  expect(callsAt("catalog").map(({ key }) => key)).toEqual(["catalog catalog", "catalog web", "web catalog"]);
  expect(callsAt("outside").map(({ key }) => key)).toEqual(["web outside"]);
  expect(callsAt("nobody")).toEqual([]);
});

test("a picture is indexed once, and another of the same boxes anew", () => {
  expect(pictureIndexOf(picture)).toBe(pictureIndexOf(picture));
  expect(pictureIndexOf({ ...picture, calls: [] }).callsAt("web")).toEqual([]);
});
