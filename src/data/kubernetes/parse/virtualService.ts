import type {
  Destination,
  Fault,
  HttpRule,
  L4Rule,
  Mirror,
  Retries,
  VirtualService,
  WeightedDestination,
} from "../../mesh/declared/routing.ts";
import { percent } from "../../mesh/units.ts";
import type { Field } from "./field.ts";
import { readHttpMatch, readL4Match } from "./match.ts";
import type { RawObject } from "./raw.ts";

export function readVirtualService({ meta, spec }: RawObject): VirtualService {
  return {
    meta,
    hosts: spec.at("hosts").texts(),
    gateways: spec.at("gateways").textsOrNull(),
    exportTo: spec.at("exportTo").textsOrNull(),
    http: spec.at("http").items().map(readHttpRule),
    tcp: spec.at("tcp").items().map(readL4Rule),
    tls: spec.at("tls").items().map(readL4Rule),
  };
}

function readHttpRule(rule: Field): HttpRule {
  return {
    name: rule.at("name").nameOrNull(),
    matches: rule.at("match").items().map(readHttpMatch),
    destinations: rule.at("route").items().map(readWeighted),
    mirrors: readMirrors(rule),
    redirect: readRedirect(rule.at("redirect")),
    directResponse: rule.at("directResponse").at("status").numberOrNull(),
    delegate: readDelegate(rule.at("delegate")),
    fault: readFault(rule.at("fault")),
    timeout: rule.at("timeout").durationOrNull(),
    retries: readRetries(rule.at("retries")),
    rewrite: readRewrite(rule.at("rewrite")),
  };
}

function readL4Rule(rule: Field): L4Rule {
  return {
    matches: rule.at("match").items().map(readL4Match),
    destinations: rule.at("route").items().map(readWeighted),
  };
}

function readWeighted(route: Field): WeightedDestination {
  return {
    destination: readDestination(route.at("destination")),
    weight: route.at("weight").numberOrNull(),
    hasHeaders: route.at("headers").entries().length > 0,
  };
}

function readDestination(field: Field): Destination {
  return {
    host: field.at("host").text(),
    subset: field.at("subset").nameOrNull(),
    port: field.at("port").at("number").numberOrNull(),
  };
}

/** `mirror` or `mirrors`: the webhook refuses both together (istio.md 2.3), but an object may have come before the webhook. */
function readMirrors(rule: Field): readonly Mirror[] {
  const single = rule.at("mirror");
  const listed = rule
    .at("mirrors")
    .items()
    .map((mirror, index): Mirror => {
      const percentage = mirror.at("percentage");
      return {
        destination: readDestination(mirror.at("destination")),
        percent: percent(percentage.absent ? 100 : percentage.at("value").numberOr(0)),
        percentField: percentage.absent ? null : "percentage",
        at: index,
      };
    });
  if (single.absent) return listed;
  return [{ destination: readDestination(single), ...mirrorPercent(rule), at: "mirror" as const }, ...listed];
}

/** mirrorPercentage, then mirrorPercent (in either spelling), then 100 (istio.md 2.3). */
function mirrorPercent(rule: Field): Pick<Mirror, "percent" | "percentField"> {
  const percentage = rule.at("mirrorPercentage");
  if (!percentage.absent) {
    return { percent: percent(percentage.at("value").numberOr(0)), percentField: "mirrorPercentage" };
  }
  for (const percentField of ["mirrorPercent", "mirror_percent"] as const) {
    const legacy = rule.at(percentField).numberOrNull();
    if (legacy !== null) return { percent: percent(legacy), percentField };
  }
  return { percent: percent(100), percentField: null };
}

/** Where a redirect leads, written as an address: `https://other/path`; parts that stay as they were are left out. */
function readRedirect(field: Field): string | null {
  if (field.absent) return null;
  const scheme = field.at("scheme").nameOrNull();
  const authority = field.at("authority").textOrNull() ?? "";
  const uri = field.at("uri").textOrNull() ?? "";
  return (scheme === null ? "" : `${scheme}://`) + authority + uri;
}

function readDelegate(field: Field): HttpRule["delegate"] {
  if (field.absent) return null;
  return { name: field.at("name").text(), namespace: field.at("namespace").nameOrNull() };
}

/** A percentage that is not written is 0: no request is hurt (networking.istio.io HTTPFaultInjection). */
function readFault(field: Field): Fault | null {
  if (field.absent) return null;
  const delay = field.at("delay");
  const abort = field.at("abort");
  return {
    delay: delay.absent
      ? null
      : {
          percent: percent(faultPercent(delay)),
          fixedDelay: delay.at("fixedDelay").durationOrNull() ?? delay.at("exponentialDelay").duration(),
        },
    abort: abort.absent
      ? null
      : {
          percent: percent(faultPercent(abort)),
          httpStatus: abort.at("httpStatus").numberOrNull(),
          grpcStatus: abort.at("grpcStatus").nameOrNull(),
        },
  };
}

function faultPercent(field: Field): number {
  const percentage = field.at("percentage");
  return percentage.absent ? field.at("percent").numberOr(0) : percentage.at("value").numberOr(0);
}

function readRetries(field: Field): Retries | null {
  if (field.absent) return null;
  return {
    attempts: field.at("attempts").numberOr(0),
    perTryTimeout: field.at("perTryTimeout").durationOrNull(),
    retryOn: field.at("retryOn").nameOrNull(),
  };
}

function readRewrite(field: Field): string | null {
  const regex = field.at("uriRegexRewrite");
  return (
    field.at("uri").nameOrNull() ?? regex.at("rewrite").nameOrNull() ?? field.at("authority").nameOrNull()
  );
}
