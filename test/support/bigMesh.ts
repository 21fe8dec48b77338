/**
 * A mesh of any size, the same for the same numbers: services with two or three versions each behind a weighted VirtualService, and callers
 * spread over them. What the budgets of DESIGN section 6 are measured on.
 */
import { cleanOnce } from "../../src/data/cleanOnce.ts";
import type { Declared } from "../../src/data/mesh/declared/declared.ts";
import type { KubeWorkload } from "../../src/data/mesh/declared/core.ts";
import type { Durations, RequestRate, ResponseRate, Telemetry } from "../../src/data/mesh/telemetry.ts";
import {
  declaredOf,
  destinationRule,
  namespace,
  outlierDetection,
  podsOf,
  rule,
  service,
  slice,
  to,
  trafficPolicy,
  virtualService,
  workload,
} from "./declaredOf.ts";
import { durations, requests, responses, telemetryOf } from "./telemetryOf.ts";

export interface Size {
  readonly services: number;
  readonly workloads: number;
  /** Caller, service and answering workload. */
  readonly pairs: number;
  readonly namespaces?: number;
}

export interface BigMesh {
  readonly declared: Declared;
  readonly telemetry: Telemetry;
}

const bounds = [
  0.5,
  1,
  5,
  10,
  25,
  50,
  100,
  250,
  500,
  1000,
  2500,
  5000,
  10_000,
  30_000,
  60_000,
  300_000,
  600_000,
  1_800_000,
  3_600_000,
  Infinity,
];

export function bigMesh({ services, workloads, pairs, namespaces = 20 }: Size): BigMesh {
  const spaceOf = (index: number): string => `ns-${index % namespaces}`;
  const versions: KubeWorkload[][] = Array.from({ length: services }, () => []);
  for (let index = 0; index < workloads; index += 1) {
    const of = index % services;
    const name = `service-${of}`;
    const version = `v${Math.floor(index / services) + 1}`;
    versions[of]!.push(
      workload(`${spaceOf(of)}/${name}-${version}`, { app: name, version }, { ready: 2, desired: 2 }),
    );
  }
  const declared = declaredOf({
    namespaces: Array.from({ length: namespaces }, (_, index) =>
      namespace(`ns-${index}`, { "istio-injection": "enabled" }),
    ),
    workloads: versions.flat(),
    pods: versions.flat().flatMap((one) => podsOf(one)),
    services: versions.map((_, index) => service(`${spaceOf(index)}/service-${index}`)),
    endpointSlices: versions.map((list, index) =>
      slice(
        `${spaceOf(index)}/service-${index}`,
        list.flatMap((one) => podsOf(one)),
      ),
    ),
    destinationRules: versions.map((list, index) =>
      destinationRule(
        `${spaceOf(index)}/service-${index}`,
        Object.fromEntries(list.map((_, at) => [`v${at + 1}`, { version: `v${at + 1}` }])),
        { trafficPolicy: trafficPolicy({ outlierDetection: outlierDetection() }) },
      ),
    ),
    virtualServices: versions.map((list, index) =>
      virtualService(`${spaceOf(index)}/service-${index}`, [
        rule(
          list.map((_, at) =>
            to(`service-${index}`, `v${at + 1}`, at === 0 ? 90 : Math.floor(10 / list.length)),
          ),
        ),
      ]),
    ),
  });
  return { declared: asRead(declared), telemetry: asRead(telemetryFor(versions, pairs, spaceOf)) };
}

/** With one string for each text, as whoever reads the API server and Prometheus leaves it. */
function asRead<T>(value: T): T {
  if (typeof value === "string") return cleanOnce(value) as T;
  // One list of bounds is that of all histograms.
  if (typeof value !== "object" || value === null || value === bounds) return value;
  if (Array.isArray(value)) return value.map(asRead) as T;
  // Of the shape that it has: a row that is put together field by field is slow to read.
  const read = { ...value } as Record<string, unknown>;
  for (const [name, part] of Object.entries(read)) read[name] = asRead(part);
  return read as T;
}

function telemetryFor(
  versions: readonly (readonly KubeWorkload[])[],
  pairs: number,
  spaceOf: (index: number) => string,
): Telemetry {
  const rates: RequestRate[] = [];
  const failed: ResponseRate[] = [];
  const buckets: Durations[] = [];
  const all = versions.flat();
  for (let index = 0; index < pairs; index += 1) {
    const of = index % versions.length;
    const round = Math.floor(index / versions.length);
    const count = versions[of]!.length;
    const answering = versions[of]![round % count]!;
    // Whoever calls a split service reaches all its versions. Steps that share no factor with the usual counts spread the callers.
    const caller = all[(of * 7919 + Math.floor(round / count) * 104_729) % all.length]!;
    const ends = {
      from: `${caller.meta.ref.namespace ?? ""}/${caller.meta.ref.name}`,
      to: `${spaceOf(of)}/service-${of}`,
      at: `${answering.meta.ref.namespace ?? ""}/${answering.meta.ref.name}`,
    };
    const rate = 1 + (index % 17);
    rates.push(requests("source", ends, rate), requests("destination", ends, rate));
    buckets.push(
      ...(["source", "destination"] as const).map((reporter) =>
        // One list of bounds for all, as whoever reads an answer keeps them.
        ({ ...durations(reporter, ends, ladder(rate, index % 9)), bounds }),
      ),
    );
    if (index % 10 === 0)
      failed.push(responses("source", ends, rate / 20), responses("destination", ends, rate / 20));
  }
  return telemetryOf({ requests: rates, responses: failed, durations: buckets });
}

/** As the program asks for them of a mesh of more than 2,000 pairs: latencies of so many services, those on the screen. */
export function withLatenciesOf(services: number, telemetry: Telemetry): Telemetry {
  const hosts = new Set<string>();
  for (const { service } of telemetry.durations) if (hosts.size < services) hosts.add(service);
  const durations = telemetry.durations.filter(({ service }) => hosts.has(service));
  return { ...telemetry, durations, latencyHosts: [...hosts] };
}

const ladder = (rate: number, from: number): readonly (readonly [number, number])[] =>
  bounds.map((le, at) => [le, at < from ? 0 : Math.min(rate, (rate * (at - from + 1)) / 6)]);
