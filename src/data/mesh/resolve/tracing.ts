import type { Labels } from "../declared/meta.ts";
import type { Tracing } from "../model/observability.ts";
import { percent } from "../units.ts";
import { meshConfigFor } from "./meshSettings.ts";
import type { Registry } from "./registry.ts";
import { telemetryLevels } from "./telemetryLevels.ts";

/** Istio's own where nobody says anything: one request of a hundred (istio.io, `Tracing.sampling` of ProxyConfig). */
const usual = percent(1);

const tracingLevels = telemetryLevels(({ tracing }) => tracing !== null);

/**
 * How many of the requests that begin at a workload's proxy are traced: `randomSamplingPercentage` of the Telemetry that selects it, else of
 * its namespace's, else of the root namespace's, else `defaultConfig.tracing.sampling` of the mesh, else 1 % (istio.io, Telemetry: a field
 * that is not set is inherited). Whether spans are sent at all is said by `disableSpanReporting`, inherited in the same way.
 *
 * A request that comes in with a decision keeps it, and an annotation `proxy.istio.io/config` of a pod comes before the mesh's: it is not read here.
 */
export function tracingFor(registry: Registry, namespace: string, labels: Labels): Tracing {
  const { settings, namespaces } = registry;
  const levels = tracingLevels(registry, namespace, labels);
  const isReported = levels.find(({ tracing }) => tracing?.disabled != null)?.tracing?.disabled !== true;
  const deciding = levels.find(({ tracing }) => tracing?.sampling != null);
  if (deciding?.tracing?.sampling != null)
    return { sampling: deciding.tracing.sampling, from: deciding.meta.ref, isReported };
  const config = meshConfigFor(settings, labels, namespaces.get(namespace)?.meta.labels);
  const sampling = config?.tracingSampling ?? null;
  return sampling === null || config === null
    ? { sampling: usual, from: "default", isReported }
    : { sampling, from: config.meta.ref, isReported };
}
