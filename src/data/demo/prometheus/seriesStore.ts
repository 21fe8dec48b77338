import { keyOf, METRIC_NAME, type Labels } from "./labels.ts";
import { SampleRing } from "./series.ts";
import type { Matcher } from "./matcher.ts";

const NONE: ReadonlySet<SampleRing> = new Set();

/** The series by their labels, in the order of their creation, and by their metric's name. */
export class SeriesStore {
  readonly #all = new Map<string, SampleRing>();
  readonly #byName = new Map<string, Set<SampleRing>>();

  /** The series with these labels; a new, empty one if there is none. */
  seriesOf(labels: Labels): SampleRing {
    const known = this.#all.get(keyOf(labels));
    if (known !== undefined) return known;
    const series = new SampleRing(labels);
    this.#all.set(keyOf(labels), series);
    const name = nameOf(labels);
    const named = this.#byName.get(name);
    if (named === undefined) this.#byName.set(name, new Set([series]));
    else named.add(series);
    return series;
  }

  /** All series that satisfy every matcher. */
  select(matchers: readonly Matcher[]): readonly SampleRing[] {
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.op === "=");
    const candidates = name === undefined ? this.#all.values() : (this.#byName.get(name.value) ?? NONE);
    const others = matchers.filter((matcher) => matcher !== name);
    return [...candidates].filter(({ labels }) =>
      others.every((matcher) => matcher.matches(labels.get(matcher.name) ?? "")),
    );
  }

  /** Drops every series whose newest sample is older than `keepFrom`. */
  sweep(keepFrom: number): void {
    for (const [key, series] of this.#all) {
      if (series.newest >= keepFrom) continue;
      series.dropped = true;
      this.#all.delete(key);
      this.#byName.get(nameOf(series.labels))?.delete(series);
    }
  }
}

const nameOf = (labels: Labels): string => labels.get(METRIC_NAME) ?? "";
