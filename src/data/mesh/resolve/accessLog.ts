import type { Labels } from "../declared/meta.ts";
import type { AccessLog } from "../model/observability.ts";
import { meshConfigFor } from "./meshSettings.ts";
import type { Registry } from "./registry.ts";
import { telemetryLevels } from "./telemetryLevels.ts";

/** The provider that writes to the proxy's standard output, and that `accessLogFile` stands for. */
const fileProvider = "envoy";

const loggingLevels = telemetryLevels(({ accessLogging }) => accessLogging !== null);

/**
 * Whether a workload's proxy writes an access log, and to whom: the Telemetry that selects it, else that of its namespace, else that
 * of the root namespace, else `accessLogFile` of the mesh (istio.io, Telemetry: the nearest that speaks of access logging decides).
 *
 * Several on one level: the oldest. A Telemetry that names no provider leaves those of the level above.
 */
export function accessLogFor(registry: Registry, namespace: string, labels: Labels): AccessLog {
  const levels = loggingLevels(registry, namespace, labels);
  const [nearest] = levels;
  if (nearest === undefined) return byMeshConfig(registry, namespace, labels);
  if (nearest.accessLogging?.disabled === true) return { is: "off", providers: [], from: nearest.meta.ref };
  const named = levels.map(({ accessLogging }) => accessLogging?.providers ?? []);
  const providers = named.find((names) => names.length > 0) ?? [fileProvider];
  return { is: "on", providers, from: nearest.meta.ref };
}

function byMeshConfig({ settings, namespaces }: Registry, namespace: string, labels: Labels): AccessLog {
  const config = meshConfigFor(settings, labels, namespaces.get(namespace)?.meta.labels);
  if (config === null || config.accessLogFile === "") return { is: "off", providers: [], from: "default" };
  return { is: "on", providers: [fileProvider], from: config.meta.ref };
}
