import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { Tracing } from "../model/observability.ts";
import { percent, type Percent } from "../units.ts";
import { meshConfigFor } from "./meshSettings.ts";
import type { Registry } from "./registry.ts";
import { telemetryLevels } from "./telemetryLevels.ts";

/** Istio's own where nobody says anything: one request of a hundred (istio.io, `Tracing.sampling` of ProxyConfig). */
const usual = percent(1);

const tracingLevels = telemetryLevels(({ tracing }) => tracing !== null);

/**
 * How many of the requests that begin at a workload's proxy are traced: `randomSamplingPercentage` of the Telemetry that selects it, else of
 * its namespace's, else of the root namespace's (istio.io, Telemetry: a field that is not set is inherited), else `tracing.sampling` of the proxy's own
 * configuration, annotation `proxy.istio.io/config` laid over `defaultConfig` of the mesh, else 1 %. There 0 counts as not set, and above 100 as 1 %
 * (`proxyConfigSamplingValue` in pilot/pkg/networking/core/tracing.go). Whether spans are sent at all is said by `disableSpanReporting`, inherited in the
 * same way. A request that comes in with a decision keeps it.
 *
 * @param own what the pods' annotation says, and whose template has it.
 */
export function tracingFor(
  registry: Registry,
  namespace: string,
  labels: Labels,
  own: OwnSampling | null = null,
): Tracing {
  const { settings, namespaces } = registry;
  const levels = tracingLevels(registry, namespace, labels);
  const isReported = levels.find(({ tracing }) => tracing?.disabled != null)?.tracing?.disabled !== true;
  const deciding = levels.find(({ tracing }) => tracing?.sampling != null);
  if (deciding?.tracing?.sampling != null)
    return { sampling: deciding.tracing.sampling, from: deciding.meta.ref, isReported };
  const config = meshConfigFor(settings, labels, namespaces.get(namespace)?.meta.labels);
  const shared = config === null ? null : samplingOf(config.tracingSampling, config.meta.ref);
  const written = (own === null ? null : samplingOf(own.sampling, own.ref)) ?? shared;
  return { ...(written ?? { sampling: usual, from: "default" }), isReported };
}

/** Of a ProxyConfig; `null`: it says nothing. */
function samplingOf(written: Percent | null, from: ResourceRef): Pick<Tracing, "sampling" | "from"> | null {
  if (written === null || written === 0) return null;
  return { sampling: written > 100 ? usual : written, from };
}

/** Of one workload. */
interface OwnSampling {
  readonly ref: ResourceRef;
  readonly sampling: Percent;
}
