/**
 * What is asked while a shift arrives: counters since a moment, not rates.
 *
 * A counter is known only when its proxy is scraped, so "since the patch" is, for each proxy, "since its first scrapes after the patch". The count
 * begins at a baseline: an instant at which every living series of the callers has a sample from after the patch (`freshness` tells). What a proxy
 * counted before that sample may be from before the patch, and is left out for all destinations alike. From then on:
 *
 * - A series with a sample at the baseline counts what it grew by. Is that sample from before the patch all the same (its proxy is not scraped any
 *   more, or seldom), the series does not count at all.
 * - A series that fell to less than half began anew with its proxy, and counts in full. One that fell less is a recording rule's sum that lost a pod:
 *   nobody knows by how much it grew.
 * - A series that was not there in the ten minutes before the baseline is new, and counts in full: the first request to a version makes one, and so
 *   does its first error. Ten minutes, because a scrape that failed at the baseline must not make all its counters new.
 *
 * Nothing is extrapolated, as `increase` would.
 */
import type { Instant } from "../mesh/units.ts";
import { millis } from "../mesh/units.ts";
import type { MetricNames } from "./metrics.ts";
import { istioNames, literalRegex, pairLabels, promRange } from "./metrics.ts";

/** All instants by the server's clock. */
export interface ArrivalScope {
  readonly names: MetricNames;
  /** Matchers added to every selector, e.g. `cluster="prod"`; "" for none. */
  readonly matchers: string;
  readonly counts: "requests" | "connections";
  /** FQDNs of the destinations. */
  readonly hosts: readonly string[];
  readonly patched: Instant;
  /** Samples from after this are from after the patch: proxies have had time to get it. */
  readonly settled: Instant;
}

/** An evaluation at `at` of what happened since `baseline`, which lies before it. */
export interface CountScope extends ArrivalScope {
  readonly baseline: Instant;
  readonly at: Instant;
}

/** A series without a newer sample than this long before the patch is not waited for: it is that of a proxy that is gone. */
const LONGEST_SCRAPE_S = 60;
const REMEMBERED = "10m";

const seconds = (at: Instant): string => (at / 1000).toFixed(3);

/**
 * A host as `destination_service` may hold it: the FQDN; where no route was found, what the client wrote; nothing, where that label was removed and the
 * others have to do.
 */
function writtenForms(host: string): string {
  const [, name, namespace, domain] = /^([^.]+)\.([^.]+)\.svc\.(.+)$/.exec(host) ?? [];
  if (name === undefined || namespace === undefined || domain === undefined) return literalRegex(host);
  const [short, home, rest] = [name, `.${namespace}`, `.${domain}`].map(literalRegex);
  return `${short}(?:${home}(?:${literalRegex(".svc")}(?:${rest})?)?)?`;
}

/** Callers' own word on these hosts; mirrored copies and retries are in the servers' word only (istio.md 4.5). */
function callersWord({ names, counts, hosts, matchers }: ArrivalScope): string {
  const metric = names[counts === "requests" ? "requests" : "tcpOpened"];
  const forms = [...new Set(hosts)].map(writtenForms).join("|");
  const own = `reporter=~"source|waypoint",destination_service=~"(?:${forms})(?::[0-9]+)?|"`;
  return `${metric}{${[own, ...(matchers === "" ? [] : [matchers])].join(",")}}`;
}

/** By how much the series of a selector grew between `from` and `at`; the rules are those above. */
function growth(
  selector: string,
  { from, at, settled }: { readonly from: Instant; readonly at: Instant; readonly settled: Instant | null },
): string {
  const offset = `offset ${promRange(millis(at - from))}`;
  const then =
    settled === null
      ? `(${selector} ${offset})`
      : `(${selector} ${offset} and timestamp(${selector} ${offset}) > ${seconds(settled)})`;
  const isNew = `(${selector} unless last_over_time(${selector}[${REMEMBERED}] ${offset}))`;
  return `(${selector} - ${then} >= 0) or (${selector} < 0.5 * ${then}) or ${isNew}`;
}

const pair = ["reporter", ...Object.values(pairLabels)].join(", ");

function freshness(scope: ArrivalScope): string {
  const newest = `timestamp(${callersWord(scope)})`;
  const settled = seconds(scope.settled);
  const due = `${settled} - ${LONGEST_SCRAPE_S}`;
  const counted = (which: string, is: string): string =>
    `label_replace(count(${which}), "is", "${is}", "", "")`;
  return [
    counted(`${newest} > ${settled}`, "fresh"),
    counted(`${newest} <= ${settled} > ${due}`, "due"),
    counted(`${newest} <= ${due}`, "old"),
  ].join(" or ");
}

function split(scope: CountScope): string {
  const labels = scope.counts === "requests" ? `${pair}, request_protocol, response_flags` : pair;
  const { baseline: from, at, settled } = scope;
  return `sum by (${labels}) (${growth(callersWord(scope), { from, at, settled })}) > 0`;
}

function propagation({ matchers, patched, at }: PropagationScope): string {
  const selector = `pilot_proxy_convergence_time_bucket${matchers === "" ? "" : `{${matchers}}`}`;
  return `sum by (le) (${growth(selector, { from: patched, at, settled: null })})`;
}

type PropagationScope = Pick<CountScope, "matchers" | "patched" | "at">;

/** Each is evaluated at `at`, `freshness` at the server's now. */
export const arrivalMetrics = {
  freshness: {
    unit: "series",
    help: "Callers' series by the age of their newest sample, in label `is`: `fresh` from after the patch, `due` for the next scrape, `old`.",
    promql: freshness,
  },
  split: {
    unit: "requests",
    help: "Requests since the baseline by the callers' own proxies, with their flags, which tell those that reached no destination; or connections opened.",
    promql: split,
  },
  // A push is over before istiod is scraped again: from the last scrape before the patch, an earlier push of those few seconds is in it.
  propagation: {
    unit: "proxies",
    help: "Cumulative buckets (s) of how long proxies took to get what istiod pushed since the patch.",
    promql: propagation,
  },
} as const;

/** A recording rule's sample holds scrapes from before its own time. */
export const isRecorded = (names: MetricNames, counts: ArrivalScope["counts"]): boolean => {
  const role = counts === "requests" ? "requests" : "tcpOpened";
  return names[role] !== istioNames[role];
};
