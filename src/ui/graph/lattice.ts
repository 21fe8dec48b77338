import { layersOf } from "./layers.ts";
import { orient, type Oriented } from "./orient.ts";
import type { PictureKey } from "./picture.ts";
import { byKey, type Link, type Shape, type Structure } from "./shape.ts";

/** All edges that leave one box, or all that come back to it: they share a trunk, because one end of each is the same. */
export interface Net {
  readonly root: PictureKey;
  readonly isBackward: boolean;
}

/** A place in a layer: a box, or the row in which a long edge passes through. */
export interface Post {
  readonly shape: Shape | null;
  readonly layer: number;
  /** Posts of different components have no edge between them, unless they are bands. */
  readonly component: number;
  readonly into: Segment[];
  readonly outOf: Segment[];
  /** Has rows of its own for edges that run backward, and for a link to itself. */
  readonly hasBackRow: boolean;
  readonly self: Link | null;
  /** Position in its layer, from the top. */
  place: number;
  /** First row of the box. */
  y: number;
  /** Rows it takes, relative to `y`: edges that gather in front of a box may need more rows than the box has. */
  top: number;
  bottom: number;
}

/** The part of an edge (or of a trunk) between two neighbouring layers. */
export interface Segment {
  readonly net: Net;
  readonly from: Post;
  readonly to: Post;
  /** Edges that run through it: one, unless it is a trunk on its way. */
  readonly links: Link[];
  /** Row at which it arrives, relative to `to.y`. */
  row: number;
}

export interface Lattice {
  readonly layers: readonly Post[][];
  /** Boxes without any edge to another box. */
  readonly loners: readonly Post[];
  /** Names of the components, where they are bands; empty: they are not. */
  readonly bands: readonly string[];
}

export function latticeOf(structure: Structure): Lattice {
  const oriented = orient(structure);
  const layerOf = layersOf(structure.shapes, oriented);
  const bands = bandsOf(structure.shapes, layerOf);
  const posts = postsFor(structure, oriented, { layerOf, bands });
  const layers: Post[][] = [];
  const loners: Post[] = [];
  for (const post of posts.values()) {
    if (layerOf.has(post.shape?.key ?? "")) put(layers, post);
    else loners.push(post);
  }
  for (const [net, links] of netsOf(oriented)) thread(net, links, posts, layers);
  return { layers: layers.map((layer) => [...layer]), loners, bands };
}

/** The band that traffic reaches first, first. */
function bandsOf(shapes: readonly Shape[], layerOf: ReadonlyMap<PictureKey, number>): readonly string[] {
  const first = new Map<string, number>();
  for (const { band, key } of shapes)
    if (band !== null) first.set(band, Math.min(first.get(band) ?? Infinity, layerOf.get(key) ?? Infinity));
  const rank = (band: string): number => (band === "" ? Infinity : (first.get(band) ?? Infinity));
  return [...first.keys()].sort((a, b) => {
    if (a === b || (rank(a) === rank(b) && a !== "" && b !== "")) return a < b ? -1 : 1;
    return a === "" || rank(a) > rank(b) ? 1 : -1;
  });
}

function put(layers: Post[][], post: Post): void {
  while (layers.length <= post.layer) layers.push([]);
  const layer = layers[post.layer] ?? [];
  post.place = layer.length;
  layer.push(post);
}

function postsFor(
  { shapes, links }: Structure,
  oriented: readonly Oriented[],
  {
    layerOf,
    bands,
  }: { readonly layerOf: ReadonlyMap<PictureKey, number>; readonly bands: readonly string[] },
): ReadonlyMap<PictureKey, Post> {
  const backward = new Set<PictureKey>();
  for (const { left, right, isBackward } of oriented) if (isBackward) backward.add(left).add(right);
  const selves = new Map(links.filter((link) => link.from === link.to).map((link) => [link.from, link]));
  const component =
    bands.length === 0
      ? componentsOf(shapes, links)
      : new Map(shapes.map(({ key, band }) => [key, bands.indexOf(band ?? "")]));
  const posts = shapes.map((shape): Post => {
    const self = selves.get(shape.key) ?? null;
    const isLabel = shape.isLabel && self === null && !backward.has(shape.key);
    return {
      ...bend(layerOf.get(shape.key) ?? 0, component.get(shape.key) ?? 0),
      shape: { ...shape, isLabel },
      hasBackRow: backward.has(shape.key),
      self,
    };
  });
  return new Map(posts.map((post) => [post.shape?.key ?? "", post]));
}

function bend(layer: number, component: number): Post {
  const rows = { place: 0, y: 0, top: 0, bottom: 0 };
  return { shape: null, layer, component, into: [], outOf: [], hasBackRow: false, self: null, ...rows };
}

function netsOf(oriented: readonly Oriented[]): ReadonlyMap<Net, readonly Oriented[]> {
  const nets = new Map<string, { readonly net: Net; readonly links: Oriented[] }>();
  for (const each of oriented) {
    const name = `${each.isBackward ? "<" : ">"}${each.left}`;
    const net = nets.get(name) ?? { net: { root: each.left, isBackward: each.isBackward }, links: [] };
    nets.set(name, net);
    net.links.push(each);
  }
  return new Map([...nets.values()].map(({ net, links }) => [net, links]));
}

/** Lays a net through the layers; its long edges share one bend in each layer that they cross. */
function thread(
  net: Net,
  links: readonly Oriented[],
  posts: ReadonlyMap<PictureKey, Post>,
  layers: Post[][],
): void {
  const root = posts.get(net.root);
  if (root === undefined) return;
  const trunk: Segment[] = [];
  for (const { link, right } of links) {
    const leaf = posts.get(right);
    if (leaf === undefined) continue;
    let from = root;
    for (let step = 0; step < leaf.layer - root.layer - 1; step++) {
      const next = trunk[step] ?? join(net, from, bend(from.layer + 1, root.component));
      if (trunk[step] === undefined) put(layers, next.to);
      trunk[step] = next;
      next.links.push(link);
      from = next.to;
    }
    join(net, from, leaf).links.push(link);
  }
}

function join(net: Net, from: Post, to: Post): Segment {
  const segment: Segment = { net, from, to, links: [], row: 0 };
  from.outOf.push(segment);
  to.into.push(segment);
  return segment;
}

/** Number of the component of each box, the largest first. */
function componentsOf(shapes: readonly Shape[], links: readonly Link[]): ReadonlyMap<PictureKey, number> {
  const parent = new Map<PictureKey, PictureKey>(shapes.map((shape) => [shape.key, shape.key]));
  const rootOf = (key: PictureKey): PictureKey => {
    let root = key;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    parent.set(key, root);
    return root;
  };
  for (const link of links) parent.set(rootOf(link.from), rootOf(link.to));
  const members = new Map<PictureKey, PictureKey[]>();
  for (const shape of [...shapes].sort(byKey)) {
    const root = rootOf(shape.key);
    members.set(root, [...(members.get(root) ?? []), shape.key]);
  }
  const bySize = [...members.values()].sort((a, b) => b.length - a.length);
  return new Map(bySize.flatMap((keys, number) => keys.map((key) => [key, number] as const)));
}
