import type { Rollout } from "../declared/delivery.ts";
import type { Canary } from "../model/canary.ts";
import type { ServiceKey } from "../model/keys.ts";
import type { Destination } from "../model/route.ts";
import { serviceHost } from "../resolve/hosts.ts";
import { routedAs, sideOf, splitOf, type Split, type Stage } from "./canarySides.ts";
import { instant } from "../units.ts";
import { judge } from "./judge.ts";
import type { KnownMesh } from "./knownMesh.ts";

/** The services that a Rollout moves traffic of: its own two, and those whose route is in a VirtualService that it writes. */
export function rolloutServices(known: KnownMesh, rollout: Rollout): readonly ServiceKey[] {
  const namespace = rollout.meta.ref.namespace ?? "";
  const named = [rollout.stableService, rollout.canaryService].flatMap((name) =>
    name === null ? [] : [`${namespace}/${name}`],
  );
  return [...new Set([...named, ...routedServices(known, rollout)])];
}

function routedServices({ routes }: KnownMesh, { meta, virtualServices }: Rollout): readonly ServiceKey[] {
  const names = new Set(virtualServices.map(({ name }) => `${meta.ref.namespace ?? ""}/${name}`));
  if (names.size === 0) return [];
  return [...routes].flatMap(([key, list]) =>
    list.some(({ ref }) => ref.kind === "VirtualService" && names.has(`${ref.namespace ?? ""}/${ref.name}`))
      ? [key]
      : [],
  );
}

/** A Rollout as a canary: weights from the route that it writes, the rest from its status. */
export function rolloutCanary(stage: Stage, rollout: Rollout): Canary {
  const { ref } = rollout.meta;
  const namespace = ref.namespace ?? "";
  const { split, service } = placeOf(stage, rollout);
  const names = namesOf(rollout);
  const stable = sideOf(stage, names.stable, null, split?.stable);
  const candidate = sideOf(stage, names.candidate, null, split?.candidate);
  return {
    key: `${namespace}/${ref.name}`,
    ref,
    controller: "Argo Rollouts",
    strategy: "canary",
    mirrors: false,
    sessionCookie: null,
    apex: service === null ? (rollout.stableService ?? ref.name) : service.slice(namespace.length + 1),
    target: ref.name,
    phase: rollout.aborted ? "Aborted" : rollout.phase,
    suspended: rollout.paused,
    ...routedAs(split),
    maxWeight: null,
    step: stepOf(rollout),
    failedChecks: 0,
    threshold: 0,
    interval: null,
    lastTransition: null,
    lastLook: null,
    webhooks: [],
    ...pauseOf(rollout),
    metrics: [],
    message: rollout.message,
    lastEvent: null,
    lastHalt: null,
    history: [],
    nextWeight: nextWeightOf(rollout),
    revertOnDeletion: null,
    stable,
    candidate,
    verdict: judge(stable.traffic, candidate.traffic, stage.flows.window),
  };
}

/** A pause of its steps: for a while, or until somebody lets it go on. */
function pauseOf({ steps, stepIndex, pausedSince }: Rollout): Pick<Canary, "waitsAt" | "waitsUntil"> {
  const pause = pausedSince === null ? null : (steps[stepIndex ?? steps.length]?.pause ?? null);
  if (pause === null || pausedSince === null) return { waitsAt: null, waitsUntil: null };
  const { duration } = pause;
  return {
    waitsAt: { type: "pause", name: "" },
    waitsUntil: duration === null ? null : instant(pausedSince + duration),
  };
}

/** After the last of its steps everything goes to the new version. */
function nextWeightOf({ steps, stepIndex, aborted }: Rollout): number | null {
  if (aborted || stepIndex === null || stepIndex >= steps.length) return null;
  return steps.slice(stepIndex + 1).find(({ setWeight }) => setWeight !== null)?.setWeight ?? 100;
}

/** `currentStepIndex` counts from 0 and equals the number of steps when all are done. */
function stepOf({ stepIndex, steps }: Rollout): Canary["step"] {
  return stepIndex === null || stepIndex >= steps.length ? null : { now: stepIndex + 1, of: steps.length };
}

function namesOf({ meta, destinationRule, stableService, canaryService }: Rollout): {
  readonly stable: string;
  readonly candidate: string;
} {
  return {
    stable: destinationRule?.stableSubset ?? stableService ?? meta.ref.name,
    candidate: destinationRule?.canarySubset ?? canaryService ?? meta.ref.name,
  };
}

function placeOf(
  stage: Stage,
  rollout: Rollout,
): { readonly split: Split | null; readonly service: ServiceKey | null } {
  const namespace = rollout.meta.ref.namespace ?? "";
  const is =
    (service: string | null, subset: string | null) =>
    (destination: Destination): boolean =>
      subset === null
        ? service !== null && destination.host === serviceHost(namespace, service)
        : destination.subset === subset;
  const sides = {
    stable: is(rollout.stableService, rollout.destinationRule?.stableSubset ?? null),
    candidate: is(rollout.canaryService, rollout.destinationRule?.canarySubset ?? null),
  };
  for (const key of rolloutServices(stage.known, rollout)) {
    const split = splitOf(stage.services.get(key), sides);
    if (split !== null) return { split, service: key };
  }
  return { split: null, service: null };
}
