/** The mesh ConfigMap: YAML inside JSON. */
import { parseDocument } from "yaml";

import type { MeshConfig } from "../../mesh/declared/meshConfig.ts";
import { percent } from "../../mesh/units.ts";
import { Field, Unreadable } from "./field.ts";
import type { RawObject } from "./raw.ts";
import { readBlocks } from "./trafficPolicy.ts";

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

function readYaml(field: Field): Field {
  if (field.absent) return new Field(undefined, field.path);
  if (typeof field.value !== "string") throw field.wrong("a string");
  // Not field.text(): cleaning would take the line ends.
  const document = parseDocument(field.value, { logLevel: "silent", prettyErrors: false });
  const error = document.errors[0];
  if (error !== undefined) {
    const line = field.value.slice(0, error.pos[0]).split("\n").length;
    throw new Unreadable(
      field.path,
      `holds YAML that can't be parsed (line ${line}), so istiod ignores it whole`,
    );
  }
  return new Field(toPlain(document, field), field.path);
}

function toPlain(document: ReturnType<typeof parseDocument>, field: Field): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new Unreadable(field.path, "holds YAML with aliases that can't be resolved");
  }
}
