import { defaultLabelsOf, expose, type Exposed } from "./exposition.ts";
import { labelsFrom, METRIC_NAME, type Labels } from "./labels.ts";
import type { SampleRing } from "./series.ts";
import type { SeriesStore } from "./seriesStore.ts";
import type { Registry } from "prom-client";

type LabelRecord = Readonly<Record<string, unknown>>;

/** One thing that is scraped, with what its last scrape showed. */
export class Target {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #store: SeriesStore;
  /** Series by the label object that a prom-client child keeps for life, then by name and own labels. */
  readonly #byChild = new WeakMap<object, Map<string, SampleRing>>();
  #shown: ReadonlySet<SampleRing> = new Set();

  constructor(labels: Readonly<Record<string, string>>, store: SeriesStore) {
    this.#labels = labels;
    this.#store = store;
  }

  /** Appends every line of the registry and the report on the scrape; ends the series that are gone. See `Tsdb.scrape`. */
  async scrape(registry: Registry, at: number, keepFrom: number): Promise<void> {
    const lines = await expose(registry);
    const defaults = defaultLabelsOf(registry);
    const shown = new Set<SampleRing>();
    for (const line of lines) {
      const series = this.#seriesOf(line, defaults);
      series.append(at, line.value, keepFrom);
      shown.add(series);
    }
    for (const series of this.#shown) if (!shown.has(series)) series.append(at, null, keepFrom);
    this.#shown = shown;
    for (const [name, value] of reportOf(lines.length)) {
      const labels = labelsFrom(Object.entries({ ...this.#labels, [METRIC_NAME]: name }));
      this.#store.seriesOf(labels).append(at, value, keepFrom);
    }
  }

  #seriesOf(line: Exposed, defaults: LabelRecord): SampleRing {
    let children = this.#byChild.get(line.shared);
    if (children === undefined) this.#byChild.set(line.shared, (children = new Map<string, SampleRing>()));
    const id = lineId(line);
    const known = children.get(id);
    if (known !== undefined && !known.dropped) return known;
    const series = this.#store.seriesOf(scrapedLabels(line, this.#labels, defaults));
    children.set(id, series);
    return series;
  }
}

function reportOf(samples: number): readonly (readonly [string, number])[] {
  return [
    ["up", 1],
    ["scrape_samples_scraped", samples],
    ["scrape_samples_post_metric_relabeling", samples],
  ];
}

function lineId(line: Exposed): string {
  let id = line.name;
  for (const name in line.own) id += ` ${name}=${String(line.own[name])}`;
  return id;
}

function scrapedLabels(
  line: Exposed,
  target: Readonly<Record<string, string>>,
  defaults: LabelRecord,
): Labels {
  const scraped = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...defaults, ...line.own, ...line.shared })) {
    // prom-client prints whatever it was given; the text is UTF-8, where half a surrogate pair has no place.
    if (value !== "") scraped.set(name, String(value).toWellFormed());
  }
  const renamed = renamedCollisions(scraped, target);
  return labelsFrom([...scraped, ...Object.entries(target), ...renamed, [METRIC_NAME, line.name]]);
}

/** Prometheus puts `exported_` in front until the name is free (scrape/scrape.go, resolveConflictingExposedLabels). */
function renamedCollisions(
  scraped: ReadonlyMap<string, string>,
  target: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const colliding = Object.keys(target).filter((name) => scraped.has(name));
  for (const name of colliding.sort((a, b) => a.length - b.length)) {
    let free = `exported_${name}`;
    while (scraped.has(free) || free in target || renamed.has(free)) free = `exported_${free}`;
    renamed.set(free, scraped.get(name) ?? "");
  }
  return renamed;
}
