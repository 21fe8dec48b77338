import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellsOf } from "../../../src/ui/graph/canvas.ts";
import {
  arrangeGraph,
  layoutGraph,
  type Layout,
  type PlacedShape,
} from "../../../src/ui/graph/layoutGraph.ts";
import type { Point, Route } from "../../../src/ui/graph/routes.ts";
import type { Shape, Structure } from "../../../src/ui/graph/shape.ts";
import { anyStructure, widthsFor } from "./randomStructure.ts";

const spacing = { labelWidth: 6, isTight: false };
const layouts = fc.record({
  structure: anyStructure,
  isTight: fc.boolean(),
  labelWidth: fc.constantFrom(0, 5),
});
const runs = { numRuns: 400 };

interface Labels {
  readonly labelWidth: number;
  readonly isTight: boolean;
}

const layOut = (structure: Structure, labels: Labels): Layout =>
  layoutGraph(arrangeGraph(structure), { ...labels, widths: widthsFor(structure) });

const contains = ({ rect }: PlacedShape, { x, y }: Point): boolean =>
  x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;

const pathOf = (route: Route): readonly Point[] =>
  route.pieces.flatMap((piece) => cornersInOrder(piece.corners));

/** All cells along a line through corners, one after the other. */
function cornersInOrder(corners: readonly Point[]): readonly Point[] {
  return corners.flatMap((corner, index) => {
    const next = corners[index + 1];
    if (next === undefined) return [corner];
    const steps = Math.abs(next.x - corner.x) + Math.abs(next.y - corner.y);
    return Array.from({ length: steps }, (_, step) => ({
      x: corner.x + Math.sign(next.x - corner.x) * step,
      y: corner.y + Math.sign(next.y - corner.y) * step,
    }));
  });
}

const shapeAt = (layout: Layout, key: string): PlacedShape =>
  layout.shapes.find((shape) => shape.key === key)!;

function ends(layout: Layout, route: Route): { readonly left: PlacedShape; readonly right: PlacedShape } {
  const from = shapeAt(layout, route.link.from);
  const to = shapeAt(layout, route.link.to);
  return from.rect.x <= to.rect.x ? { left: from, right: to } : { left: to, right: from };
}

describe("a layout of any graph", () => {
  test("keeps every box and every edge, and nothing else", () => {
    fc.assert(
      fc.property(layouts, ({ structure, ...rest }) => {
        const layout = layOut(structure, rest);
        expect(layout.shapes.map((shape) => shape.key).sort()).toEqual(
          structure.shapes.map((shape) => shape.key),
        );
        expect(layout.routes.map((route) => route.link.key)).toEqual(
          structure.links.map((link) => link.key).sort(),
        );
        expect(layout.columns.flat().sort()).toEqual(structure.shapes.map((shape) => shape.key));
      }),
      runs,
    );
  });

  test("no two boxes share a cell, and all are inside of the picture", () => {
    fc.assert(
      fc.property(layouts, ({ structure, ...rest }) => {
        const { shapes, size } = layOut(structure, rest);
        const owner = new Map<string, string>();
        for (const { key, rect } of shapes) {
          for (let x = rect.x; x < rect.x + rect.width; x++) {
            for (let y = rect.y; y < rect.y + rect.height; y++) {
              expect(owner.get(`${x},${y}`)).toBeUndefined();
              owner.set(`${x},${y}`, key);
              expect(x >= 0 && y >= 0 && x < size.columns && y < size.rows).toBe(true);
            }
          }
        }
      }),
      runs,
    );
  });

  test("every edge is a connected line from the side of one box to the side of the other, through no box", () => {
    fc.assert(
      fc.property(layouts, ({ structure, ...rest }) => {
        const layout = layOut(structure, rest);
        for (const route of layout.routes) {
          const path = pathOf(route);
          for (const [index, cell] of path.entries()) {
            const next = path[index + 1];
            if (next !== undefined) expect(Math.abs(cell.x - next.x) + Math.abs(cell.y - next.y)).toBe(1);
            expect(layout.shapes.filter((shape) => contains(shape, cell))).toEqual([]);
            expect(cell.x < layout.size.columns && cell.y < layout.size.rows && cell.y >= 0).toBe(true);
          }
          const { left, right } = ends(layout, route);
          const first = path[0]!;
          const last = path.at(-1)!;
          expect(contains(left, { x: first.x - 1, y: first.y })).toBe(true);
          const isSelf = route.link.from === route.link.to;
          expect(contains(right, { x: isSelf ? last.x - 1 : last.x + 1, y: last.y })).toBe(true);
        }
      }),
      runs,
    );
  });

  test("every arrow touches the box that is called and points at it, in a row between its borders", () => {
    fc.assert(
      fc.property(layouts, ({ structure, ...rest }) => {
        const layout = layOut(structure, rest);
        for (const { link, arrow } of layout.routes) {
          const target = shapeAt(layout, link.to);
          const touched = { x: arrow.points === "right" ? arrow.x + 1 : arrow.x - 1, y: arrow.y };
          expect(contains(target, touched)).toBe(true);
          if (!target.isLabel) {
            expect(arrow.y).toBeGreaterThan(target.rect.y);
            expect(arrow.y).toBeLessThan(target.rect.y + target.rect.height - 1);
          }
        }
      }),
      runs,
    );
  });

  test("edges share cells only where they have an end in common; others cross at a right angle", () => {
    fc.assert(
      fc.property(layouts, ({ structure, ...rest }) => {
        const layout = layOut(structure, rest);
        const seen = new Map<string, { readonly bundle: string; readonly arms: number }>();
        for (const piece of layout.routes.flatMap((route) => route.pieces)) {
          for (const { at, arms } of cellsOf(piece.corners)) {
            const before = seen.get(`${at.x},${at.y}`);
            const isNew = before === undefined || before.bundle === piece.bundle;
            if (!isNew) expect([before.arms, arms].sort((a, b) => a - b)).toEqual([3, 12]);
            else seen.set(`${at.x},${at.y}`, { bundle: piece.bundle, arms: arms | (before?.arms ?? 0) });
          }
        }
      }),
      runs,
    );
  });

  test("labels lie on their own edge and on no other", () => {
    fc.assert(
      fc.property(anyStructure, (structure) => {
        const layout = layOut(structure, spacing);
        const owners = new Map<string, Set<string>>();
        for (const route of layout.routes)
          for (const { x, y } of pathOf(route)) {
            const cell = `${x},${y}`;
            owners.set(cell, (owners.get(cell) ?? new Set()).add(route.link.key));
          }
        for (const { label, link } of layout.routes) {
          if (label === null) continue;
          for (let x = label.x; x < label.x + spacing.labelWidth; x++)
            expect([...(owners.get(`${x},${label.y}`) ?? [])]).toEqual([link.key]);
        }
      }),
      runs,
    );
  });

  test("does not depend on the order in which boxes and links are listed", () => {
    fc.assert(
      fc.property(anyStructure, fc.infiniteStream(fc.nat()), (structure, dice) => {
        const shuffled = <T>(list: readonly T[]): readonly T[] =>
          list
            .map((item) => ({ item, die: Number(dice.next().value) }))
            .sort((a, b) => a.die - b.die)
            .map(({ item }) => item);
        const other = { shapes: shuffled(structure.shapes), links: shuffled(structure.links) };
        expect(layoutGraph(arrangeGraph(other), { ...spacing, widths: widthsFor(structure) })).toEqual(
          layOut(structure, spacing),
        );
      }),
      runs,
    );
  });
});

const box = (key: string, more: Partial<Shape> = {}): Shape => ({
  key,
  versions: 0,
  isLabel: false,
  isEntry: false,
  band: null,
  ...more,
});

const structureOf = (...calls: readonly string[]): Structure => {
  const links = calls.map((call) => {
    const [from = "", to = ""] = call.split(">");
    return { key: call, from, to };
  });
  const keys = [...new Set(links.flatMap((link) => [link.from, link.to]))];
  return { shapes: keys.map((key) => box(key)), links };
};

describe("a layout", () => {
  test("draws a chain as one straight line from left to right", () => {
    const { shapes, routes } = layOut(structureOf("a>b", "b>c", "c>d"), spacing);
    expect(new Set(shapes.map((shape) => shape.rect.y))).toEqual(new Set([0]));
    expect(shapes.map((shape) => shape.key)).toEqual(["a", "b", "c", "d"]);
    for (const route of routes) expect(route.pieces.map((piece) => piece.corners.length)).toEqual([2]);
  });

  test("two layers that need no crossing get none", () => {
    const { routes } = layOut(structureOf("a>z", "b>y", "c>x"), spacing);
    const bent = routes.filter((route) => route.pieces.some((piece) => piece.corners.length > 2));
    expect(bent).toEqual([]);
  });

  test("a link that closes a cycle points back to the left, on a row of its own", () => {
    const { routes } = layOut(structureOf("gateway>orders", "orders>payments", "payments>orders"), spacing);
    const arrows = Object.fromEntries(routes.map(({ link, arrow }) => [link.key, arrow.points]));
    expect(arrows).toEqual({
      "gateway>orders": "right",
      "orders>payments": "right",
      "payments>orders": "left",
    });
  });

  test("edges that enter one box gather in front of it and show one arrow", () => {
    const { routes } = layOut(structureOf("a>z", "b>z", "c>z", "d>z"), spacing);
    expect(new Set(routes.map(({ arrow }) => `${arrow.x},${arrow.y}`)).size).toBe(1);
  });

  test("all calls of one box leave it in one row", () => {
    const { routes } = layOut(structureOf("a>w", "a>x", "a>y", "a>z"), spacing);
    expect(new Set(routes.map((route) => JSON.stringify(route.pieces[0]?.corners[0]))).size).toBe(1);
  });

  test("boxes of one layer have the same left and right borders", () => {
    const structure = structureOf("a>x", "a>y", "a>z");
    const { shapes: placed } = layOut(structure, spacing);
    const callees = placed.filter((shape) => shape.key !== "a");
    expect(new Set(callees.map(({ rect }) => `${rect.x} ${rect.width}`)).size).toBe(1);
  });

  test("a link to a box that is not there is left out", () => {
    const { routes } = layOut({ shapes: [box("a")], links: [{ key: "a>b", from: "a", to: "b" }] }, spacing);
    expect(routes).toEqual([]);
  });
});
