import fc from "fast-check";
import type { Link, Shape, Structure } from "../../../src/ui/graph/shape.ts";

const names = Array.from({ length: 14 }, (_, index) => `n${String(index).padStart(2, "0")}`);

const shapeNamed = (key: string, isBoxed: boolean): fc.Arbitrary<Shape> =>
  fc.record({
    key: fc.constant(key),
    versions: fc.oneof(fc.constant(0), fc.integer({ min: 2, max: 4 })),
    isLabel: fc.boolean(),
    isEntry: fc.boolean(),
    band: isBoxed ? fc.constantFrom("", "shop", "istio-system") : fc.constant(null),
  });

/** Any graph at all: cycles, links to oneself, several links between the same two, parts that hang together with nothing; in bands or not. */
export const anyStructure: fc.Arbitrary<Structure> = fc
  .tuple(fc.integer({ min: 1, max: names.length }), fc.boolean())
  .chain(([count, isBoxed]) => {
    const keys = names.slice(0, count);
    const end = fc.constantFrom(...keys);
    const link = fc.record({ from: end, to: end, isMirrored: fc.boolean() });
    const links = fc.uniqueArray(link, {
      maxLength: 30,
      selector: ({ from, to, isMirrored }) => `${from} ${to} ${from === to ? "" : String(isMirrored)}`,
    });
    return fc.record({
      shapes: fc.tuple(...keys.map((key) => shapeNamed(key, isBoxed))),
      links: links.map((all) =>
        all.map(({ from, to, isMirrored }): Link => ({
          key: `${from} ${to}${isMirrored ? " mirrored" : ""}`,
          from,
          to,
        })),
      ),
    });
  });

/** Boxes of all widths, as many cells as the key says: no two alike, and always the same. */
export function widthsFor({ shapes }: Structure): ReadonlyMap<string, number> {
  return new Map(shapes.map((shape, index) => [shape.key, 8 + ((index * 7) % 17)]));
}
