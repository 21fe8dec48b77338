import type { Labels } from "../declared/meta.ts";
import type { Telemetry } from "../declared/security.ts";
import { sortedByAge } from "./age.ts";
import { hasLabels } from "./labels.ts";
import { onceFor } from "./once.ts";
import type { Registry } from "./registry.ts";

/**
 * The Telemetries that speak of one thing for a workload, nearest first: the one that selects it, that of its namespace, that of the root
 * namespace; of several on one level the oldest (istio.io, Telemetry).
 */
export function telemetryLevels(
  speaks: (telemetry: Telemetry) => boolean,
): (registry: Registry, namespace: string, labels: Labels) => readonly Telemetry[] {
  const speakingIn = onceFor((telemetries: readonly Telemetry[]) =>
    Map.groupBy(sortedByAge(telemetries.filter(speaks)), ({ meta }) => meta.ref.namespace ?? ""),
  );
  return ({ settings, lists }, namespace, labels) => {
    const speaking = speakingIn(lists.telemetries);
    const wide = (place: string): Telemetry | undefined =>
      speaking.get(place)?.find(({ selector }) => selector === null);
    const own = speaking
      .get(namespace)
      ?.find(({ selector }) => selector !== null && hasLabels(labels, selector));
    return [own, wide(namespace), wide(settings.rootNamespace)].filter((one) => one !== undefined);
  };
}
