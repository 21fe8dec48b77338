import type { Labels } from "../declared/meta.ts";
import type { MeshConfig } from "../declared/meshConfig.ts";
import { sortedByAge } from "./age.ts";

/** Istio's defaults where no ConfigMap speaks (istio.md 6). */
const ROOT_NAMESPACE = "istio-system";
const EVERYBODY: readonly string[] = ["*"];
const REVISION = "istio.io/rev";

/** What the mesh's ConfigMaps say, and which of them speaks for a workload. */
export interface MeshSettings {
  /** Revision `default`, else the oldest; `null` when none can be read. */
  readonly main: MeshConfig | null;
  readonly byRevision: ReadonlyMap<string, MeshConfig>;
  readonly rootNamespace: string;
  readonly autoMtls: boolean;
  readonly exportTo: MeshConfig["defaultExportTo"];
}

/** Anybody may call a ConfigMap `istio`: only those beside an istiod count, or in `istio-system` where no istiod can be seen. */
function ofControlPlane(
  meshConfigs: readonly MeshConfig[],
  controlPlanes: readonly string[],
): readonly MeshConfig[] {
  const among = (namespaces: readonly string[]): readonly MeshConfig[] =>
    meshConfigs.filter(({ meta }) => namespaces.includes(meta.ref.namespace ?? ""));
  if (controlPlanes.length > 0) return among(controlPlanes);
  const usual = among([ROOT_NAMESPACE]);
  return usual.length > 0 ? usual : meshConfigs;
}

/** @param controlPlanes namespaces in which an istiod runs; empty: none can be seen. */
export function meshSettingsOf(
  meshConfigs: readonly MeshConfig[],
  controlPlanes: readonly string[],
): MeshSettings {
  const configs = sortedByAge(ofControlPlane(meshConfigs, controlPlanes));
  const main = configs.find((config) => config.revision === "default") ?? configs[0] ?? null;
  return {
    main,
    byRevision: new Map(configs.map((config) => [config.revision, config])),
    rootNamespace: main?.rootNamespace ?? main?.meta.ref.namespace ?? ROOT_NAMESPACE,
    autoMtls: main?.enableAutoMtls ?? true,
    exportTo: main?.defaultExportTo ?? {
      service: EVERYBODY,
      virtualService: EVERYBODY,
      destinationRule: EVERYBODY,
    },
  };
}

/**
 * The ConfigMap that a workload's istiod reads: by label `istio.io/rev` of its pods, else of its namespace, else the main one.
 *
 * A label may name a tag (`prod-stable`), which only a webhook can translate: then the only ConfigMap there is, else
 * `null`: cannot be told.
 */
export function meshConfigFor(
  settings: MeshSettings,
  labels: Labels | null,
  namespaceLabels: Labels | undefined,
): MeshConfig | null {
  const revision = labels?.[REVISION] ?? namespaceLabels?.[REVISION];
  if (revision === undefined) return settings.main;
  const named = settings.byRevision.get(revision);
  if (named !== undefined) return named;
  return settings.byRevision.size === 1 ? settings.main : null;
}
