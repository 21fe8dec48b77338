/** What an expression finds in a picture, and a picture without it. */
import type { Changes } from "./changes.ts";
import type { Box, Call, Picture } from "./boxes.ts";
import type { Asking, Element } from "./find/fields.ts";
import type { Expression } from "./find/parseExpression.ts";
import type { PictureKey } from "./picture.ts";

/** Keys of the boxes and calls that are meant; by their structure alone, those that are meant whatever their figures are. */
export function foundIn(
  { boxes, calls }: Picture,
  { of }: Changes,
  expression: Expression,
  asks: Asking = "all",
): ReadonlySet<PictureKey> {
  const byKey = new Map(boxes.map((box) => [box.key, box]));
  const elements: readonly Element[] = [
    ...boxes.map((box): Element => ({ is: "box", box, asks, isChanged: of.has(box.key) })),
    ...calls.map((call): Element => {
      const [from, to] = [byKey.get(call.from), byKey.get(call.to)];
      return { is: "call", call, from, to, asks, isChanged: of.has(call.key) };
    }),
  ];
  return new Set(elements.filter((element) => expression(element) === true).map(keyOf));
}

const keyOf = (element: Element): PictureKey => (element.is === "box" ? element.box : element.call).key;

/** Without these boxes, the calls that end at them, and these calls. The figures of what is left stay what they are. */
export function without(picture: Picture, hidden: ReadonlySet<PictureKey>): Picture {
  if (hidden.size === 0) return picture;
  const boxes = picture.boxes.filter(({ key }: Box) => !hidden.has(key));
  const left = new Set(boxes.map(({ key }) => key));
  const calls = picture.calls.filter(
    ({ key, from, to }: Call) => !hidden.has(key) && left.has(from) && left.has(to),
  );
  return { ...picture, boxes, calls };
}
