/** The mesh ConfigMap: YAML inside JSON. */
import type { MeshConfig } from "../../mesh/declared/meshConfig.ts";
import { percent } from "../../mesh/units.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";
import { readBlocks } from "./trafficPolicy.ts";
import { readYaml } from "./yamlText.ts";

/** `istio` is revision "default", `istio-<revision>` that revision (istio.md 6); other names: `null`. */
function revisionOf(configMapName: string): string | null {
  if (configMapName === "istio") return "default";
  return configMapName.startsWith("istio-") ? configMapName.slice("istio-".length) : null;
}

/**
 * One ConfigMap. None for a namesake without the key `mesh` that istiod did not install (no label `istio.io/rev`): it configures
 * no mesh. YAML that can't be parsed makes the object unreadable, as istiod ignores the whole file then.
 */
export function readMeshConfig(object: RawObject): readonly MeshConfig[] {
  const { meta, root } = object;
  const revision = revisionOf(meta.ref.name);
  const text = root.at("data").at("mesh");
  const installed = meta.labels["istio.io/rev"] !== undefined;
  if (revision === null || (text.absent && !installed)) return [];
  const mesh = readYaml(text);
  const defaults = mesh.at("defaultTrafficPolicy");
  const sampling = mesh.at("defaultConfig").at("tracing").at("sampling").numberOrNull();
  return [
    {
      meta,
      revision,
      outboundMode: mesh.at("outboundTrafficPolicy").at("mode").nameOrNull(),
      rootNamespace: mesh.at("rootNamespace").nameOrNull(),
      trustDomain: mesh.at("trustDomain").nameOrNull() ?? "cluster.local",
      enableAutoMtls: mesh.at("enableAutoMtls").flagOr(true),
      accessLogFile: mesh.at("accessLogFile").textOrNull() ?? "",
      tracingSampling: sampling === null ? null : percent(sampling),
      outboundClusterStatName: mesh.at("outboundClusterStatName").nameOrNull(),
      defaultTrafficPolicy: defaults.absent ? null : readBlocks(defaults),
      defaultExportTo: {
        service: exportTo(mesh.at("defaultServiceExportTo")),
        virtualService: exportTo(mesh.at("defaultVirtualServiceExportTo")),
        destinationRule: exportTo(mesh.at("defaultDestinationRuleExportTo")),
      },
      hasDiscoverySelectors: mesh.at("discoverySelectors").items().length > 0,
    },
  ];
}

function exportTo(field: Field): readonly string[] {
  return field.textsOrNull() ?? ["*"];
}
