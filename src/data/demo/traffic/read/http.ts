/** The http rules of a VirtualService. */
import type { Json } from "../../../mesh/json.ts";
import type {
  Destination,
  Fault,
  HttpMatch,
  HttpRule,
  Mirror,
  Retries,
  StringMatch,
  WeightedDestination,
} from "../../../mesh/declared/routing.ts";
import { millis, percent } from "../../../mesh/units.ts";
import {
  at,
  boolAt,
  durationAt,
  fieldsAt,
  labelsAt,
  listAt,
  numberAt,
  objectAt,
  textAt,
  textsOrNull,
} from "./fields.ts";

const noDelay = millis(0);

export function readHttpRule(rule: Json): HttpRule {
  const delegate = objectAt(rule, "delegate");
  return {
    name: textAt(rule, "name"),
    matches: listAt(rule, "match").map(readHttpMatch),
    destinations: readRoute(rule),
    mirrors: readMirrors(rule),
    redirect: objectAt(rule, "redirect") === null ? null : (textAt(rule, "redirect", "authority") ?? "/"),
    directResponse: numberAt(rule, "directResponse", "status"),
    delegate:
      delegate === null
        ? null
        : { name: textAt(delegate, "name") ?? "", namespace: textAt(delegate, "namespace") },
    fault: readFault(rule),
    timeout: durationAt(rule, "timeout"),
    retries: readRetries(rule),
    rewrite: textAt(rule, "rewrite", "uri"),
  };
}

export function readRoute(rule: Json): readonly WeightedDestination[] {
  return listAt(rule, "route").map((entry) => ({
    destination: readDestination(at(entry, "destination")),
    weight: numberAt(entry, "weight"),
    hasHeaders: objectAt(entry, "headers") !== null,
  }));
}

function readDestination(from: Json | undefined): Destination {
  return {
    host: textAt(from, "host") ?? "",
    subset: textAt(from, "subset"),
    port: numberAt(from, "port", "number"),
  };
}

function readHttpMatch(match: Json): HttpMatch {
  return {
    name: textAt(match, "name"),
    uri: readStringMatch(at(match, "uri")),
    scheme: readStringMatch(at(match, "scheme")),
    method: readStringMatch(at(match, "method")),
    authority: readStringMatch(at(match, "authority")),
    headers: readStringMatches(match, "headers"),
    withoutHeaders: readStringMatches(match, "withoutHeaders"),
    queryParams: readStringMatches(match, "queryParams"),
    ignoreUriCase: boolAt(match, "ignoreUriCase"),
    port: numberAt(match, "port"),
    sourceLabels: labelsAt(match, "sourceLabels"),
    sourceNamespace: textAt(match, "sourceNamespace"),
    gateways: textsOrNull(match, "gateways"),
    statPrefix: textAt(match, "statPrefix"),
  };
}

function readStringMatch(from: Json | undefined): StringMatch | null {
  if (from === undefined) return null;
  const exact = textAt(from, "exact");
  if (exact !== null) return { exact };
  const prefix = textAt(from, "prefix");
  if (prefix !== null) return { prefix };
  const regex = textAt(from, "regex");
  return regex === null ? { present: true } : { regex };
}

function readStringMatches(match: Json, field: string): Readonly<Record<string, StringMatch>> {
  return Object.fromEntries(
    Object.entries(fieldsAt(match, field)).map(([name, value]) => [
      name,
      readStringMatch(value) ?? ({ present: true } as const),
    ]),
  );
}

/** Percent of requests copied: mirrorPercentage, then mirrorPercent, then 100 (istio.md 2.3). */
function readMirrors(rule: Json): readonly Mirror[] {
  const listed = listAt(rule, "mirrors").map((mirror, index): Mirror => {
    const share = numberAt(mirror, "percentage", "value");
    return {
      destination: readDestination(at(mirror, "destination")),
      percent: percent(share ?? 100),
      percentField: share === null ? null : "percentage",
      at: index,
    };
  });
  const single = objectAt(rule, "mirror");
  if (single === null) return listed;
  const fields = [
    ["mirrorPercentage", percentageAt(rule, "mirrorPercentage")],
    ["mirrorPercent", numberAt(rule, "mirrorPercent")],
    ["mirror_percent", numberAt(rule, "mirror_percent")],
  ] as const;
  const [percentField, share] = fields.find(([, value]) => value !== null) ?? [null, null];
  return [
    { destination: readDestination(single), percent: percent(share ?? 100), percentField, at: "mirror" },
    ...listed,
  ];
}

/** A percentage message with an omitted value says 0. */
function percentageAt(from: Json, field: string): number | null {
  const percentage = objectAt(from, field);
  return percentage === null ? null : (numberAt(percentage, "value") ?? 0);
}

/** A fault without a percentage hits every request; the deprecated `percent` of a delay still counts. */
function readFault(rule: Json): Fault | null {
  const fault = objectAt(rule, "fault");
  if (fault === null) return null;
  const delay = objectAt(fault, "delay");
  const abort = objectAt(fault, "abort");
  return {
    delay:
      delay === null
        ? null
        : {
            percent: percent(percentageAt(delay, "percentage") ?? numberAt(delay, "percent") ?? 100),
            fixedDelay: durationAt(delay, "fixedDelay") ?? noDelay,
          },
    abort:
      abort === null
        ? null
        : {
            percent: percent(percentageAt(abort, "percentage") ?? 100),
            httpStatus: numberAt(abort, "httpStatus"),
            grpcStatus: textAt(abort, "grpcStatus"),
          },
  };
}

function readRetries(rule: Json): Retries | null {
  const retries = objectAt(rule, "retries");
  if (retries === null) return null;
  return {
    attempts: numberAt(retries, "attempts") ?? 0,
    perTryTimeout: durationAt(retries, "perTryTimeout"),
    retryOn: textAt(retries, "retryOn"),
  };
}
