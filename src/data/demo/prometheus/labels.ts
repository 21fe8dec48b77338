/**
 * The labels of one series, the metric's name among them as `__name__`, ordered by name. An empty value is an absent
 * label, as in Prometheus, so no value in here is empty.
 */
export type Labels = ReadonlyMap<string, string>;

export const METRIC_NAME = "__name__";
export const NO_LABELS: Labels = new Map();

const keys = new WeakMap<Labels, string>();
const nameless = new WeakMap<Labels, Labels>();

/** Labels from name and value pairs in any order; pairs with an empty value vanish, of two equal names the last wins. */
export function labelsFrom(pairs: Iterable<readonly [string, string]>): Labels {
  const known = [...new Map(pairs)].filter(([, value]) => value !== "");
  return new Map(known.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One string for one label set, made for comparing: two label sets are equal exactly when their keys are. */
export function keyOf(labels: Labels): string {
  const known = keys.get(labels);
  if (known !== undefined) return known;
  let key = "";
  // The length makes it unambiguous: a value is free text and may hold any separator.
  for (const [name, value] of labels) key += `${name}=${value.length}:${value},`;
  keys.set(labels, key);
  return key;
}

/** The labels without the metric's name; the same object for the same input, so that `keyOf` is computed once. */
export function dropName(labels: Labels): Labels {
  if (!labels.has(METRIC_NAME)) return labels;
  let dropped = nameless.get(labels);
  if (dropped === undefined) {
    const rest = new Map(labels);
    rest.delete(METRIC_NAME);
    dropped = rest;
    nameless.set(labels, dropped);
  }
  return dropped;
}

/** Only the named labels, those that are there. */
export function keepLabels(labels: Labels, names: readonly string[]): Labels {
  return labelsFrom(names.map((name) => [name, labels.get(name) ?? ""] as const));
}

export function dropLabels(labels: Labels, names: readonly string[]): Labels {
  const rest = new Map(labels);
  for (const name of names) rest.delete(name);
  return rest;
}

/** The labels with one set anew; an empty value takes the label away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  return labelsFrom([...labels, [name, value]]);
}

/** The labels as Prometheus prints them in messages: `{a="1", b="2"}`, the name among them. */
export function printLabels(labels: Labels): string {
  return `{${[...labels].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", ")}}`;
}

/**
 * The key of a group: of the named labels only (`kept`), or of all but those and the metric's name. Absent labels count
 * as empty, so they say nothing.
 */
export function groupKey(labels: Labels, names: ReadonlySet<string>, kept: boolean): string {
  let key = "";
  for (const [name, value] of labels) {
    const counts = kept ? names.has(name) : !names.has(name) && name !== METRIC_NAME;
    if (counts) key += `${name}=${value.length}:${value},`;
  }
  return key;
}

/** Prometheus' order of series: by their labels, name for name and value for value. */
export function compareLabels(a: Labels, b: Labels): number {
  const others = b.entries();
  for (const [name, value] of a) {
    const other = others.next().value;
    if (other === undefined) return 1;
    if (name !== other[0]) return name < other[0] ? -1 : 1;
    if (value !== other[1]) return value < other[1] ? -1 : 1;
  }
  return a.size - b.size;
}
