import type { Canary } from "../model/canary.ts";
import type { ServiceKey } from "../model/keys.ts";
import { onceFor } from "../resolve/once.ts";
import type { Stage } from "./canarySides.ts";
import { flaggerCanary } from "./flagger.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { rolloutCanary, rolloutServices } from "./rollouts.ts";

/** By service that a delivery moves traffic of (apex, stable, candidate): the key of its Canary or Rollout. */
export const canariesByService = onceFor((known: KnownMesh): ReadonlyMap<ServiceKey, ServiceKey> => {
  const owners = new Map<ServiceKey, ServiceKey>();
  for (const { meta, apex } of known.declared.canaries) {
    const namespace = meta.ref.namespace ?? "";
    for (const name of [apex, `${apex}-primary`, `${apex}-canary`])
      owners.set(`${namespace}/${name}`, `${namespace}/${meta.ref.name}`);
  }
  for (const rollout of known.declared.rollouts) {
    const key = `${rollout.meta.ref.namespace ?? ""}/${rollout.meta.ref.name}`;
    for (const service of rolloutServices(known, rollout)) owners.set(service, key);
  }
  return owners;
});

/** Flagger's Canaries and Argo's Rollouts that split traffic, by key. */
export function buildCanaries(stage: Stage): readonly Canary[] {
  const { canaries, rollouts } = stage.known.declared;
  return [
    ...canaries.map((canary) => flaggerCanary(stage, canary)),
    ...rollouts
      .filter(({ canaryService, destinationRule }) => canaryService !== null || destinationRule !== null)
      .map((rollout) => rolloutCanary(stage, rollout)),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
}
