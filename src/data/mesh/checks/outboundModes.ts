/** outboundTrafficPolicy.mode, in the mesh's configuration and in Sidecars (istio.md 1.1, 6). */
import { meshModes } from "../resolve/outbound.ts";
import type { Check, Found } from "./check.ts";

export const unknownMeshMode: Check = {
  code: "MT1001",
  severity: "error",
  title: "mesh configuration with an unknown outbound mode",
  meaning:
    "istiod ignores the whole file for one word that it does not know, and says so only in its log: the last good configuration stays, and after a restart of istiod its built-in defaults.",
  advice: "Write ALLOW_ANY or REGISTRY_ONLY (ALLOW_ANY_DYNAMIC_DNS since Istio 1.31).",
  sources: {},
  needs: ["meshConfigs"],
  reads: [],
  find: ({ registry }) =>
    [...registry.settings.byRevision.values()].flatMap(({ meta, outboundMode }): readonly Found[] => {
      if (outboundMode === null || meshModes.some((mode) => mode === outboundMode)) return [];
      const message = `outboundTrafficPolicy.mode is ${outboundMode}, which istiod does not know; it ignores this whole configuration.`;
      return [{ object: meta.ref, path: "data.mesh", message }];
    }),
};

const sidecarModes = ["ALLOW_ANY", "REGISTRY_ONLY"];

export const unknownSidecarMode: Check = {
  code: "MT0606",
  severity: "error",
  title: "Sidecar with an unknown outbound mode",
  meaning:
    "The API server refuses a word that is not in the schema; ALLOW_ANY_DYNAMIC_DNS is for the mesh's configuration alone.",
  advice: "Write ALLOW_ANY or REGISTRY_ONLY.",
  sources: {},
  needs: ["sidecars"],
  reads: [],
  find: ({ registry }) =>
    registry.lists.sidecars.flatMap(({ meta, outboundTrafficPolicy }): readonly Found[] => {
      const mode = outboundTrafficPolicy?.mode ?? null;
      if (mode === null || sidecarModes.includes(mode)) return [];
      const path = "spec.outboundTrafficPolicy.mode";
      return [{ object: meta.ref, path, message: `A Sidecar knows no mode ${mode}.` }];
    }),
};
