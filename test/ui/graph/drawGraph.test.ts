import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Graph } from "../../../src/data/mesh/model/graph.ts";
import { drawGraph } from "../../../src/ui/graph/drawGraph.ts";
import { parseExpression, type Expression } from "../../../src/ui/graph/find/parseExpression.ts";
import { groupings } from "../../../src/ui/graph/grouping.ts";
import { ensureVisible, moveSelection } from "../../../src/ui/graph/navigate.ts";
import type { Drawing, DrawInput } from "../../../src/ui/graph/drawing.ts";
import type { Direction, EdgeLabelChoice, Extent } from "../../../src/ui/graph/picture.ts";
import { placesAtOnce } from "../../../src/ui/graph/places.ts";
import { nextEdge } from "../../../src/ui/graph/selection.ts";
import type { Box } from "../../../src/ui/graph/boxes.ts";
import { titleText } from "../../../src/ui/graph/boxText.ts";
import { lineWidth, plain } from "../../../src/ui/paint/line.ts";
import { width } from "../../../src/ui/paint/width.ts";
import { http, sketchMesh, tcp, type SketchedCall } from "./handmadeMesh.ts";
import { coolstore, cycle, demoCoolstore, fanOut, shop } from "./handmadeMeshes.ts";

type Handmade = ReturnType<typeof sketchMesh>;

const draw = (mesh: Handmade, more: Partial<DrawInput> = {}): Drawing =>
  drawGraph({
    ...mesh,
    size: { columns: 120, rows: 40 },
    selected: null,
    center: null,
    scroll: { x: 0, y: 0 },
    follow: true,
    labels: "rate",
    ascii: false,
    extent: "fitting",
    places: placesAtOnce(),
    grouping: "service",
    namespace: null,
    isBoxed: false,
    showsIdle: false,
    hide: null,
    find: null,
    before: null,
    ...more,
  });

const textOf = (drawing: Drawing): string => drawing.lines.map((line) => plain(line).trimEnd()).join("\n");

const rates = fc.constantFrom(
  http(0),
  http(0.004),
  http(12, 0.3, 1200),
  http(123456, 0.001),
  tcp(5e9),
  tcp(0),
);
const names = [
  "web",
  "catalog",
  "カタログ",
  "orders-and-everything-that-belongs-to-them",
  "a",
  "db",
  "ünïcode",
  "x-9",
];

/** Meshes of up to eight services that call anybody, hosts outside included. */
const anyMesh: fc.Arbitrary<Handmade> = fc
  .record({
    count: fc.integer({ min: 1, max: names.length }),
    ends: fc.array(fc.tuple(fc.nat(), fc.nat(), rates, fc.boolean()), { maxLength: 16 }),
    versions: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ count, ends, versions }) => {
    const used = names.slice(0, count);
    const targets = [...used, "external:api.example.com", "blackhole:tracker.example.net"];
    const calls = ends.map(([from, to, traffic, mirrored]): SketchedCall => {
      const caller = from % (used.length + 1) === used.length ? "unknown" : `${used[from % used.length]}-0`;
      return { from: caller, to: targets[to % targets.length]!, traffic, mirrored };
    });
    const services = used.map((name) => ({
      name,
      traffic: http(3),
      versions: Array.from({ length: versions }, (_, index) => ({
        workload: `${name}-${index}`,
        traffic: http(1),
      })),
    }));
    return sketchMesh({ namespace: "any", services, calls });
  });

const sizes = fc.record({ columns: fc.integer({ min: 1, max: 140 }), rows: fc.integer({ min: 1, max: 50 }) });
const choices = fc.record({
  size: sizes,
  labels: fc.constantFrom<EdgeLabelChoice>("rate", "errors", "p95", "bytes", "share", "lock"),
  ascii: fc.boolean(),
  extent: fc.constantFrom<Extent>("fitting", "whole", "surroundings"),
  scroll: fc.record({ x: fc.nat(300), y: fc.nat(300) }),
  follow: fc.boolean(),
  grouping: fc.constantFrom(...groupings),
  isBoxed: fc.boolean(),
});

describe("a drawing of any mesh", () => {
  test("has exactly as many lines and cells as the viewport", () => {
    fc.assert(
      fc.property(anyMesh, choices, (mesh, choice) => {
        const { lines } = draw(mesh, choice);
        expect(lines.length).toBe(choice.size.rows);
        expect(new Set(lines.map(lineWidth))).toEqual(new Set([choice.size.columns]));
      }),
      { numRuns: 300 },
    );
  });

  test("shows the selected box whole when it follows the selection and there is room", () => {
    fc.assert(
      fc.property(anyMesh, choices, fc.nat(), (mesh, choice, pick) => {
        const size = { columns: 60 + (choice.size.columns % 80), rows: 12 + (choice.size.rows % 40) };
        const first = draw(mesh, { ...choice, size });
        const selected = first.nodes[pick % first.nodes.length]!.key;
        const drawing = draw(mesh, { ...choice, size, selected, center: first.center, follow: true });
        const { rect } = drawing.nodes.find((node) => node.key === selected)!;
        const notice = drawing.notice === null ? 0 : 1;
        expect(rect).not.toBeNull();
        if (rect === null || rect.width > size.columns || rect.height > size.rows - notice) return;
        expect(rect.x - drawing.scroll.x).toBeGreaterThanOrEqual(0);
        expect(rect.y - drawing.scroll.y).toBeGreaterThanOrEqual(0);
        expect(rect.x + rect.width - drawing.scroll.x).toBeLessThanOrEqual(size.columns);
        expect(rect.y + rect.height - drawing.scroll.y).toBeLessThanOrEqual(size.rows - notice);
      }),
      { numRuns: 300 },
    );
  });

  test("the arrow keys lead from every box to every other", () => {
    fc.assert(
      fc.property(
        anyMesh,
        fc.constantFrom<Extent>("whole", "surroundings"),
        fc.constantFrom({ columns: 80, rows: 24 }, { columns: 80, rows: 10 }, { columns: 30, rows: 8 }),
        (mesh, extent, size) => {
          const all = draw(mesh, { extent: "whole" }).nodes.map((node) => node.key);
          for (const start of [all[0]!, all.at(-1)!])
            expect(reachable(mesh, start, { extent, size })).toEqual(new Set(all));
        },
      ),
      { numRuns: 25 },
    );
  });

  test("no rate moves a box", () => {
    fc.assert(
      fc.property(anyMesh, choices, fc.nat(), (mesh, choice, factor) => {
        const other: Graph = {
          ...mesh.graph,
          edges: mesh.graph.edges.map((edge) => ({
            ...edge,
            traffic: edge.traffic.connections === null ? http(factor, 0.9, factor * 10) : tcp(factor * 100),
          })),
        };
        const before = draw(mesh, choice);
        const after = draw({ ...mesh, graph: other }, choice);
        expect(after.nodes).toEqual(before.nodes);
        expect(after.extent).toEqual(before.extent);
      }),
    );
  });

  test("says the same whatever the order in which the graph lists its nodes and edges", () => {
    fc.assert(
      fc.property(anyMesh, choices, (mesh, choice) => {
        const turned = {
          nodes: [...mesh.graph.nodes].reverse(),
          edges: [...mesh.graph.edges].reverse(),
          pairs: [],
        };
        expect(textOf(draw({ ...mesh, graph: turned }, choice))).toBe(textOf(draw(mesh, choice)));
      }),
    );
  });

  test("needs nothing but ASCII where the terminal has nothing else", () => {
    for (const mesh of [coolstore, shop, cycle, fanOut])
      for (const labels of ["rate", "lock", "share"] as const)
        for (const extent of ["whole", "surroundings"] as const)
          expect(textOf(draw(mesh, { ascii: true, labels, extent }))).toMatch(/^[ -~\n]*$/);
  });
});

/** Boxes that some sequence of arrow keys selects, as the view would go: each move draws again. */
function reachable(mesh: Handmade, start: string, how: Partial<DrawInput>): ReadonlySet<string> {
  const directions: readonly Direction[] = ["left", "right", "up", "down"];
  const first = draw(mesh, { ...how, selected: start });
  const states = new Map([[`${first.selected} ${first.center}`, first]]);
  for (const drawing of states.values()) {
    for (const direction of directions) {
      const selected = moveSelection(drawing, drawing.selected, direction);
      const next = draw(mesh, { ...how, selected, center: drawing.center });
      const name = `${next.selected} ${next.center}`;
      if (!states.has(name)) states.set(name, next);
    }
  }
  return new Set([...states.values()].map((drawing) => drawing.selected ?? ""));
}

describe("moving through the coolstore", () => {
  const whole = draw(coolstore, { extent: "whole" });
  const move = (from: string, direction: Direction): string | null => moveSelection(whole, from, direction);

  test("right follows calls and left goes back to the caller", () => {
    expect(move("workload:istio-system/istio-ingressgateway", "right")).toBe("service:istioinaction/webapp");
    expect(move("service:istioinaction/forum", "right")).toBe("external:jsonplaceholder.typicode.com");
    expect(move("external:jsonplaceholder.typicode.com", "left")).toBe("service:istioinaction/forum");
    expect(move("service:istioinaction/forum", "left")).toBe("service:istioinaction/webapp");
  });

  test("down goes to the box below", () => {
    expect(move("service:istioinaction/recommendation", "down")).toBe("service:istioinaction/forum");
  });

  test("a selection that is gone becomes the place where traffic enters", () => {
    expect(draw(coolstore, { selected: "service:gone/gone" }).selected).toBe(
      "workload:istio-system/istio-ingressgateway",
    );
  });

  test("enter on a box knows its service, and a gateway is a workload", () => {
    const nodes = new Map(whole.nodes.map((node) => [node.key, node]));
    expect(nodes.get("service:istioinaction/catalog")?.service).toBe("istioinaction/catalog");
    const gateway = nodes.get("workload:istio-system/istio-ingressgateway");
    expect(gateway).toMatchObject({ service: null, workload: "istio-system/istio-ingressgateway" });
  });
});

describe("surroundings", () => {
  test("more than forty boxes narrow to the selected one, and f shows all", () => {
    const drawing = draw(manyServices(50));
    expect(drawing.shape).toBe("surroundings");
    expect(plain(drawing.lines[0]!)).toContain("showing the surroundings of hub; f shows all");
    expect(draw(manyServices(50), { extent: "whole" }).shape).toBe("whole");
  });

  test("neighbours that do not fit are counted, with those that fail, and reached by going down", () => {
    const size = { columns: 80, rows: 24 };
    let drawing = draw(fanOut, { size, selected: "service:hub/aggregator" });
    expect(textOf(drawing)).toContain("+9 more");
    expect(textOf(drawing)).not.toContain("backend-22");
    let selected = moveSelection(drawing, drawing.selected, "right");
    for (let step = 1; step < 22; step++) {
      drawing = draw(fanOut, { size, selected, center: drawing.center });
      selected = moveSelection(drawing, selected, "down");
    }
    expect(selected).toBe("service:hub/backend-22");
    drawing = draw(fanOut, { size, selected, center: drawing.center });
    expect(textOf(drawing)).toContain("+21 before, 1 failing");
    expect(textOf(drawing)).toContain("backend-30");
    expect(drawing.center).toBe("service:hub/aggregator");
  });

  test("walking on from a neighbour makes the next box the middle", () => {
    const size = { columns: 80, rows: 24 };
    const first = draw(coolstore, { size, selected: "service:istioinaction/webapp" });
    const forum = draw(coolstore, { size, selected: "service:istioinaction/forum", center: first.center });
    expect(forum.center).toBe("service:istioinaction/webapp");
    const beyond = moveSelection(forum, forum.selected, "right");
    expect(beyond).toBe("external:jsonplaceholder.typicode.com");
    expect(draw(coolstore, { size, selected: beyond, center: forum.center }).center).toBe(beyond);
  });
});

test("a viewport scrolls no further than needed to show a box", () => {
  const size = { columns: 40, rows: 10 };
  const rect = { x: 50, y: 20, width: 10, height: 3 };
  expect(ensureVisible({ x: 0, y: 0 }, rect, size)).toEqual({ x: 22, y: 14 });
  expect(ensureVisible({ x: 30, y: 15 }, rect, size)).toEqual({ x: 30, y: 15 });
  expect(ensureVisible({ x: 90, y: 60 }, rect, size)).toEqual({ x: 48, y: 19 });
});

test("a wide character that the viewport cuts in half becomes a space", () => {
  const mesh = sketchMesh({
    namespace: "any",
    services: [{ name: "カタログ", traffic: http(1) }],
    calls: [],
  });
  const { lines } = draw(mesh, { size: { columns: 60, rows: 12 }, extent: "whole", scroll: { x: 0, y: 0 } });
  expect(plain(lines[0]!)).toContain("カタログ");
  expect(new Set(lines.map(lineWidth))).toEqual(new Set([60]));
});

test("an empty graph is an empty picture", () => {
  const mesh = sketchMesh({ namespace: "any", services: [], calls: [] });
  const drawing = draw(mesh, { size: { columns: 70, rows: 12 } });
  expect(drawing.nodes).toEqual([]);
  expect(textOf(drawing).trim()).toBe("");
  expect(moveSelection(drawing, null, "down")).toBeNull();
});

function manyServices(count: number): Handmade {
  const services = Array.from({ length: count }, (_, index) => ({ name: `s${index}`, traffic: http(1) }));
  const calls = services.map(({ name }) => ({ from: "hub", to: name, traffic: http(1) }));
  return sketchMesh({ namespace: "many", services: [{ name: "hub", traffic: http(9) }, ...services], calls });
}

test("four layers with their versions' shares, weights and errors fit 120 columns", () => {
  const drawing = draw(demoCoolstore);
  expect(drawing.shape).toBe("whole");
  expect(drawing.extent.columns).toBeLessThanOrEqual(120);
  const text = textOf(drawing);
  expect(text).toMatch(/v2 +15 % (\(w 10\)|w10) +26 %/);
  expect(text).toMatch(/primary +88 % (\(w 80\)|w80) +ok/);
  for (const name of [
    "istio-ingress",
    "webapp",
    "catalog",
    "forum",
    "recommendation",
    "postgres",
    "jsonplace",
  ])
    expect(text).toContain(name);
});

test.each([40, 20, 16, 14, 12])("a title in %i cells shows as much of the name as fits", (cells) => {
  const box = { title: "istio-system/istio-ingressgateway" } as Box;
  const text = titleText(box, cells, false);
  const shown = text.replace("…/", "").replace("…", "").replace("istio-system/", "");
  expect(width(text)).toBeLessThanOrEqual(cells);
  expect("istio-ingressgateway".startsWith(shown)).toBe(true);
  expect(shown.length).toBe(Math.min("istio-ingressgateway".length, cells - (cells < 20 ? 1 : 0)));
});

describe("frames", () => {
  const meshes = { coolstore, demoCoolstore, shop, cycle, fanOut };
  const large = { columns: 120, rows: 40 };
  const small = { columns: 80, rows: 24 };
  for (const [name, mesh] of Object.entries(meshes)) {
    test(`${name} at 120x40 and 80x24`, async () => {
      await expect(`${textOf(draw(mesh, { size: large }))}\n`).toMatchFileSnapshot(
        `frames/${name}-120x40.frame.txt`,
      );
      await expect(`${textOf(draw(mesh, { size: small }))}\n`).toMatchFileSnapshot(
        `frames/${name}-80x24.frame.txt`,
      );
    });
  }

  test("the whole shop on a wide screen", async () => {
    const wide = { columns: 190, rows: 40 };
    await expect(`${textOf(draw(shop, { size: wide }))}\n`).toMatchFileSnapshot(
      "frames/shop-190x40.frame.txt",
    );
  });

  test("the whole coolstore with locks, and in ASCII", async () => {
    const wide = { columns: 190, rows: 24 };
    const selected = "service:istioinaction/catalog";
    const locks = draw(coolstore, { size: wide, selected, labels: "lock" });
    await expect(`${textOf(locks)}\n`).toMatchFileSnapshot("frames/coolstore-locks-190x24.frame.txt");
    const ascii = draw(coolstore, { size: wide, selected, ascii: true });
    await expect(`${textOf(ascii)}\n`).toMatchFileSnapshot("frames/coolstore-ascii-190x24.frame.txt");
  });

  test("a list where no picture fits", async () => {
    const tiny = { columns: 50, rows: 16 };
    await expect(`${textOf(draw(coolstore, { size: tiny }))}\n`).toMatchFileSnapshot(
      "frames/coolstore-50x16.frame.txt",
    );
  });
});

describe("edges under the cursor", () => {
  const walk = (mesh: Handmade, by: 1 | -1): ReadonlySet<string> => {
    let drawing = draw(mesh, { extent: "whole" });
    const seen = new Set<string>();
    for (let step = 0; step <= drawing.edges.length; step++) {
      const next = nextEdge(drawing.picture, drawing.edges, drawing.selected, by);
      if (next === null) return seen;
      seen.add(next);
      drawing = draw(mesh, { extent: "whole", selected: next });
    }
    return seen;
  };

  test("] and [ go through all of them", () => {
    fc.assert(
      fc.property(anyMesh, fc.constantFrom<1 | -1>(1, -1), (mesh, by) => {
        const { edges, selected, picture } = draw(mesh, { extent: "whole" });
        const own = picture.calls.some(({ from, to }) => from === selected || to === selected);
        expect(walk(mesh, by)).toEqual(new Set(own ? edges : []));
      }),
      { numRuns: 40 },
    );
  });

  test("left and right lead from an edge to its ends, and it is drawn as selected", () => {
    const key = "service:istioinaction/webapp service:istioinaction/catalog";
    const drawing = draw(coolstore, { extent: "whole", selected: key });
    expect(drawing.selected).toBe(key);
    expect(moveSelection(drawing, key, "left")).toBe("service:istioinaction/webapp");
    expect(moveSelection(drawing, key, "right")).toBe("service:istioinaction/catalog");
    const marked = drawing.lines.flat().filter(({ tone }) => tone === "selected");
    expect(marked.map(({ text }) => text)).toEqual(["12.0/s"]);
  });

  test("an edge that is gone leaves the cursor where traffic enters", () => {
    expect(draw(coolstore, { selected: "service:a/b service:c/d" }).selected).toBe(
      "workload:istio-system/istio-ingressgateway",
    );
  });
});

test("the surroundings of a box stand in the rows of their namespaces too", () => {
  const boxed = { extent: "surroundings", isBoxed: true, selected: "service:istioinaction/webapp" } as const;
  const rows = textOf(draw(coolstore, boxed)).split("\n");
  const rowOf = (start: string): number => rows.findIndex((row) => row.startsWith(start));
  const boxOf = (title: string): number =>
    rows.findIndex((row) => (row.includes(` ${title} `) && row.includes("═")) || row.includes(`┌ ${title} `));
  expect(rowOf("── istio-system ─")).toBeLessThan(boxOf("istio-ingressgateway"));
  expect(boxOf("istio-ingressgateway")).toBeLessThan(rowOf("── istioinaction ─"));
  for (const title of ["catalog", "forum", "webapp"])
    expect(boxOf(title)).toBeGreaterThan(rowOf("── istioinaction ─"));
});

describe("hidden and found", () => {
  const expression = (text: string): Expression => {
    const parsed = parseExpression(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  };
  const hide = (text: string): DrawInput["hide"] => ({ text, expression: expression(text) });

  test("what is hidden takes the edges that end at it along, and no figure changes", () => {
    const before = draw(coolstore, { extent: "whole" });
    const drawing = draw(coolstore, { extent: "whole", hide: hide("name = forum") });
    expect(drawing.nodes.map(({ title }) => title)).not.toContain("forum");
    expect(drawing.picture.calls.some(({ from, to }) => `${from} ${to}`.includes("forum"))).toBe(false);
    expect(drawing.hidden).toBe(
      1 + before.picture.calls.filter(({ from, to }) => `${from} ${to}`.includes("/forum")).length,
    );
    for (const box of drawing.picture.boxes)
      expect(box).toEqual(before.picture.boxes.find(({ key }) => key === box.key));
  });

  test("what is hidden for its figures keeps its place: nothing moves when they change", () => {
    const wide = { extent: "whole", size: { columns: 200, rows: 40 } } as const;
    const placesOf = (drawing: Drawing) => new Map(drawing.nodes.map(({ key, rect }) => [key, rect]));
    const all = placesOf(draw(coolstore, wide));
    for (const text of ["rate < 5", "rate < 10", "error > 1", "failing", "p95 > 100"]) {
      const drawing = draw(coolstore, { ...wide, hide: hide(text) });
      expect(drawing.hidden).toBeGreaterThan(0);
      const left = placesOf(drawing);
      expect(left.size).toBeLessThanOrEqual(all.size);
      for (const [key, rect] of left) expect({ text, key, rect }).toEqual({ text, key, rect: all.get(key) });
    }
  });

  test("in the surroundings of a box too, as long as all its neighbours are on one page", () => {
    const around = { extent: "surroundings", selected: "service:istioinaction/webapp" } as const;
    const placesOf = (drawing: Drawing) => new Map(drawing.nodes.map(({ key, rect }) => [key, rect]));
    const all = placesOf(draw(coolstore, around));
    expect(all.size).toBeGreaterThan(3);
    for (const text of ["rate < 3", "rate < 5", "p95 > 200"]) {
      const left = placesOf(draw(coolstore, { ...around, hide: hide(text) }));
      expect({ text, isLess: left.size < all.size }).toEqual({ text, isLess: true });
      expect(left.has(around.selected)).toBe(true);
      for (const [key, rect] of left) expect({ text, key, rect }).toEqual({ text, key, rect: all.get(key) });
    }
  });

  test("what is hidden for what it is leaves no hole, whatever figures are asked for beside it", () => {
    const wide = { extent: "whole", size: { columns: 200, rows: 40 } } as const;
    const byName = draw(coolstore, { ...wide, hide: hide("name = forum") });
    const beside = draw(coolstore, { ...wide, hide: hide("name = forum or error > 99") });
    expect(textOf(beside)).toBe(textOf(byName));
  });

  test("hiding everything leaves an empty picture", () => {
    const drawing = draw(coolstore, { hide: hide("rate >= 0") });
    expect(drawing.nodes).toEqual([]);
    expect(drawing.selected).toBeNull();
  });

  test("what is found is marked, and moves nothing", () => {
    const wide = { extent: "whole", size: { columns: 200, rows: 40 } } as const;
    const before = draw(coolstore, wide);
    const drawing = draw(coolstore, { ...wide, find: expression("name ~ cat or to = forum") });
    expect(drawing.found).toEqual([
      "service:istioinaction/catalog",
      "service:istioinaction/webapp service:istioinaction/forum",
    ]);
    expect(textOf(drawing)).toBe(textOf(before));
    const marked = drawing.lines.flat().filter(({ underline }) => underline === true);
    expect(marked.map(({ text }) => text)).toEqual(["catalog"]);
  });

  test("what changed since the refresh before has a sign in front, and moves nothing", () => {
    const busier: Graph = {
      ...coolstore.graph,
      edges: coolstore.graph.edges.map((edge) =>
        edge.to === "service:istioinaction/forum" ? { ...edge, traffic: http(50) } : edge,
      ),
    };
    const now = draw({ ...coolstore, graph: busier }, { extent: "whole" });
    const marked = draw({ ...coolstore, graph: busier }, { extent: "whole", before: coolstore });
    const signs = marked.lines.flat().filter(({ tone }) => tone === "changed");
    expect(signs.map(({ text }) => text)).toEqual(["•"]);
    expect(textOf(marked).replace("•", " ")).toBe(textOf(now));
    expect(marked.nodes).toEqual(now.nodes);
  });
});

describe("rows for each namespace", () => {
  test("no box stands in the rows of another, and each is named once", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(coolstore, shop, cycle, fanOut, demoCoolstore),
        fc.boolean(),
        (mesh, ascii) => {
          const size = { columns: 200, rows: 300 };
          const drawing = draw(mesh, { extent: "whole", isBoxed: true, size, ascii });
          const homes = new Map(drawing.picture.boxes.map(({ key, namespace }) => [key, namespace]));
          const rows = new Map<string, [number, number]>();
          for (const { key, rect } of drawing.nodes) {
            if (rect === null) continue;
            const home = homes.get(key) ?? "";
            const [top, bottom] = rows.get(home) ?? [Infinity, -Infinity];
            rows.set(home, [Math.min(top, rect.y), Math.max(bottom, rect.y + rect.height)]);
          }
          const sorted = [...rows.values()].sort((a, b) => a[0] - b[0]);
          for (const [index, [top]] of sorted.entries())
            if (index > 0) expect(top).toBeGreaterThan(sorted[index - 1]![1]);
          for (const name of rows.keys())
            expect(textOf(drawing).split(` ${name === "" ? "outside of the mesh" : name} `).length).toBe(2);
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe("an edge by its protocol", () => {
  const speaking = (more: Partial<SketchedCall>, labels: EdgeLabelChoice, ascii = false): string => {
    const sketched = sketchMesh({
      namespace: "shop",
      services: [
        { name: "web", traffic: http(4) },
        { name: "stock", traffic: http(4) },
      ],
      calls: [{ from: "web", to: "stock", traffic: http(4), ...more }],
    });
    return textOf(draw(sketched, { labels, ascii, selected: "service:shop/stock" }));
  };

  test("gRPC is drawn double, with or without colours; HTTP and TCP are not", () => {
    expect(speaking({ protocol: "grpc" }, "rate")).toMatch(/═+ 4\.0\/s ═+▶/);
    expect(speaking({ protocol: "grpc" }, "rate", true)).toMatch(/=+ 4\.0\/s =+>/);
    expect(speaking({}, "rate")).toMatch(/─+ 4\.0\/s ─+▶/);
    expect(speaking({ traffic: tcp(1000) }, "rate")).toMatch(/─+ 2\.0kB\/s ─+▶/);
  });

  test("an idle edge keeps its protocol; copies of gRPC are copies before all", () => {
    expect(speaking({ protocol: "grpc", traffic: http(0) }, "rate")).toMatch(/═+ idle ═+▶/);
    expect(speaking({ protocol: "grpc", mirrored: true }, "rate")).toMatch(/┄+ 4\.0\/s ┄+▶/);
  });
});
