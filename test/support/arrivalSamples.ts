/** Counters of callers around a patch, as samples that can be given to any Prometheus, and what they say of it. */
import type { SeriesOfSamples } from "./remoteWrite.ts";

/** The patch; proxies have it two seconds later. */
export const PATCHED = 1_700_000_000_000;
export const SETTLED = PATCHED + 2_000;
/** All living series have a sample between `SETTLED` and this. */
export const BASELINE = PATCHED + 18_000;
/** The newest look. */
export const END = PATCHED + 90_000;

const SCRAPE = 15_000;

/** Values at the scrapes from 45 s before the patch, each `phase` ms after a quarter of a minute; `null`: no scrape. */
function scraped(phase: number, values: readonly (number | "stale" | null)[]): SeriesOfSamples["samples"] {
  return values.flatMap((value, at) =>
    value === null ? [] : [[PATCHED - 45_000 + at * SCRAPE + phase, value] as const],
  );
}

const common = {
  __name__: "istio_requests_total",
  reporter: "source",
  source_workload: "webapp",
  source_workload_namespace: "shop",
  source_canonical_revision: "v1",
  source_cluster: "Kubernetes",
  destination_service: "catalog.shop.svc.cluster.local",
  destination_service_name: "catalog",
  destination_service_namespace: "shop",
  destination_workload: "catalog-v1",
  destination_workload_namespace: "shop",
  destination_canonical_revision: "v1",
  destination_version: "v1",
  destination_cluster: "Kubernetes",
  request_protocol: "http",
  response_code: "200",
  response_flags: "-",
  connection_security_policy: "unknown",
};

type Labels = Readonly<Record<string, string>>;

const to = (version: string): Labels => ({
  destination_workload: `catalog-${version}`,
  destination_canonical_revision: version,
  destination_version: version,
});

const series = (labels: Labels, samples: SeriesOfSamples["samples"]): SeriesOfSamples => ({
  labels: { ...common, ...labels },
  samples,
});

/** -42, -27, -12, 3, 18, 33, 48, 63, 78 s from the patch: the value at the baseline is the fifth. */
const early = 3_000;
/** -35, -20, -5, 10, 25, 40, 55, 70, 85 s: the value at the baseline is the fourth. */
const late = 10_000;

/** By what each series is there for. */
export const arrivalSamples: Readonly<Record<string, SeriesOfSamples>> = {
  "grows on a first pod": series(
    { instance: "a", ...to("v1") },
    scraped(early, [900, 1_000, 1_100, 1_190, 1_240, 1_290, 1_340, 1_390, 1_440]),
  ),
  "is new with the shift": series(
    { instance: "a", ...to("v2") },
    scraped(early, [null, null, null, 10, 60, 110, 160, 210, 260]),
  ),
  "is new after the baseline": series(
    { instance: "a", ...to("v2"), response_code: "500" },
    scraped(early, [null, null, null, null, null, 2, 2, 3, 7]),
  ),
  "grows on a second pod, scraped at other times": series(
    { instance: "b", ...to("v1") },
    scraped(late, [500, 600, 700, 750, 775, 800, 825, 850, 875]),
  ),
  "begins anew with its proxy": series(
    { instance: "c", ...to("v1") },
    scraped(late, [500, 600, 700, 750, 775, "stale", null, 5, 40]),
  ),
  "is not scraped any more": series(
    { instance: "d", ...to("v1") },
    scraped(late, [500, 600, 700, null, null, null, null, null, null]),
  ),
  "was not scraped from before the patch until long after it": series(
    { instance: "e", ...to("v1") },
    scraped(late, [500, 600, 700, null, null, null, 99_000, 99_010, 99_020]),
  ),
  "could not be scraped at the baseline": series(
    { instance: "f", ...to("v1") },
    scraped(late, [500, 600, 700, "stale", 800, 825, 850, 875, 900]),
  ),
  "is a sum that lost a pod": series(
    { instance: "g", ...to("v1") },
    scraped(late, [5_000, 5_100, 5_200, 5_300, 5_400, 5_500, 4_000, 4_010, 4_020]),
  ),
  "ended minutes before, and nobody said so": series({ instance: "h", ...to("v1") }, [
    [PATCHED - 200_000, 5],
  ]),
  "met no endpoint": series(
    {
      instance: "a",
      destination_workload: "unknown",
      destination_workload_namespace: "unknown",
      destination_canonical_revision: "latest",
      destination_version: "unknown",
      response_code: "503",
      response_flags: "UH",
    },
    scraped(early, [null, null, null, null, 1, 2, 3, 4, 9]),
  ),
  "found no cluster, so the host is what the client wrote": series(
    {
      instance: "a",
      destination_service: "catalog.shop:80",
      destination_workload: "unknown",
      response_flags: "NC",
    },
    scraped(early, [null, null, null, null, 4, 4, 4, 4, 10]),
  ),
  "is a copy that only the server counts": series(
    { instance: "z", reporter: "destination", ...to("v2") },
    scraped(early, [0, 0, 0, 50, 100, 150, 200, 250, 300]),
  ),
  "goes to another service": series(
    {
      instance: "a",
      destination_service: "catalogue.shop.svc.cluster.local",
      destination_service_name: "catalogue",
    },
    scraped(early, [0, 0, 0, 50, 100, 150, 200, 250, 300]),
  ),
  "goes to a service of that name elsewhere": series(
    {
      instance: "a",
      destination_service: "catalog.test.svc.cluster.local",
      destination_service_namespace: "test",
    },
    scraped(early, [0, 0, 0, 50, 100, 150, 200, 250, 300]),
  ),
  "opens connections": series(
    { __name__: "istio_tcp_connections_opened_total", instance: "a", request_protocol: "tcp", ...to("v1") },
    scraped(early, [10, 20, 30, 40, 50, 60, 70, 80, 90]),
  ),
  ...Object.fromEntries(
    // The patch pushes to 40 proxies within a second; ten of an hour ago took longer.
    [
      ["0.1", 0, 20],
      ["0.5", 0, 38],
      ["1", 4, 44],
      ["3", 10, 50],
      ["+Inf", 10, 50],
    ].map(([le, before, after]) => [
      `took at most ${le} s`,
      {
        labels: { __name__: "pilot_proxy_convergence_time_bucket", instance: "istiod", le: String(le) },
        samples: scraped(
          late,
          [before, before, before, after, after, after, after, after, after].map(Number),
        ),
      },
    ]),
  ),
};
