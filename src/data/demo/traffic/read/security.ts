import { parse } from "yaml";
import type { MeshConfig } from "../../../mesh/declared/meshConfig.ts";
import type { MtlsMode, PeerAuthentication } from "../../../mesh/declared/security.ts";
import type { Json } from "../../../mesh/json.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { at, fieldsAt, labelsAt, listAt, metaOf, objectAt, textAt, textsAt } from "./fields.ts";
import { flagAt, readPolicyBlocks } from "./networking.ts";

const modes: readonly MtlsMode[] = ["STRICT", "PERMISSIVE", "DISABLE"];

function modeAt(from: Json | undefined, ...path: readonly string[]): MtlsMode | null {
  const written = at(from, ...path);
  return modes.find((mode) => mode === written) ?? null;
}

export function readPeerAuthentication(object: KubeObject): PeerAuthentication {
  const selector = labelsAt(object, "spec", "selector", "matchLabels");
  return {
    meta: metaOf(object),
    selector: Object.keys(selector).length === 0 ? null : selector,
    mode: modeAt(object, "spec", "mtls", "mode"),
    portLevelMtls: Object.fromEntries(
      Object.entries(fieldsAt(object, "spec", "portLevelMtls")).map(([port, setting]) => [
        port,
        modeAt(setting, "mode"),
      ]),
    ),
  };
}

const outboundModes = ["ALLOW_ANY", "REGISTRY_ONLY", "ALLOW_ANY_DYNAMIC_DNS"];

/**
 * The mesh key of a ConfigMap as istiod reads it; `null` where istiod would refuse it (bad YAML, a mode it does not know) and
 * keep what it has: pkg/config/mesh/meshwatcher/collection.go.
 */
export function readMeshConfig(object: KubeObject): MeshConfig | null {
  const mesh = parsedMesh(textAt(object, "data", "mesh") ?? "");
  if (mesh === undefined) return null;
  const outboundMode = textAt(mesh, "outboundTrafficPolicy", "mode");
  if (outboundMode !== null && !outboundModes.includes(outboundMode)) return null;
  const name = object.metadata.name;
  const defaults = objectAt(mesh, "defaultTrafficPolicy");
  return {
    meta: metaOf(object),
    revision: name === "istio" ? "default" : name.slice("istio-".length),
    outboundMode,
    rootNamespace: textAt(mesh, "rootNamespace"),
    trustDomain: textAt(mesh, "trustDomain") ?? "cluster.local",
    enableAutoMtls: flagAt(mesh, true, "enableAutoMtls"),
    accessLogFile: textAt(mesh, "accessLogFile") ?? "",
    defaultTrafficPolicy: defaults === null ? null : readPolicyBlocks(defaults),
    defaultExportTo: {
      service: exportsAt(mesh, "defaultServiceExportTo"),
      virtualService: exportsAt(mesh, "defaultVirtualServiceExportTo"),
      destinationRule: exportsAt(mesh, "defaultDestinationRuleExportTo"),
    },
    hasDiscoverySelectors: listAt(mesh, "discoverySelectors").length > 0,
  };
}

function exportsAt(mesh: Json | undefined, field: string): readonly string[] {
  const written = textsAt(mesh, field);
  return written.length === 0 ? ["*"] : written;
}

/** `undefined`: not YAML. An empty text is an empty mesh config. */
function parsedMesh(text: string): Json | undefined {
  try {
    const value: unknown = parse(text);
    return value === null ? {} : (value as Json);
  } catch {
    return undefined;
  }
}
