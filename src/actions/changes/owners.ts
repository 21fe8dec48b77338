/** The controller of a canary that owns a route (istio.md 7, terminal-tools.md 6.3). */
import type { Canary } from "../../data/mesh/model/canary.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { ServiceKey } from "../../data/mesh/model/keys.ts";
import { numberAt, listAt, objectAt, textAt, type Held, type Seen } from "./held.ts";
import type { Guard } from "../change.ts";
import { isJsonArray, isJsonObject, valueAt, type JsonObject, type Pointer } from "./pointer.ts";
import type { RawRule } from "./routeObject.ts";

/** Phases in which Flagger looks at its routes and moves them (istio.md 7.1). */
const underWay: ReadonlySet<string> = new Set([
  "Progressing",
  "Waiting",
  "WaitingPromotion",
  "Promoting",
  "Finalising",
]);

/** Phases in which the canary's Deployment is scaled to zero. */
const idle: ReadonlySet<string> = new Set(["Initialized", "Succeeded", "Failed"]);

/** Flagger's Canary as it is now. */
export interface FlaggerState {
  readonly held: Held;
  /** The Service that callers use, and the name of the generated route. */
  readonly apex: string;
  readonly phase: string;
  readonly suspended: boolean;
  readonly underWay: boolean;
  readonly idle: boolean;
  readonly stepWeights: readonly number[];
  /** The weight at which a check that passes begins the promotion; `null`: it counts iterations, and weights mean nothing to it. */
  readonly maxWeight: number | null;
  readonly sticky: boolean;
}

export function flaggerState(held: Held): FlaggerState {
  const phase = textAt(held, "/status/phase") ?? "";
  const analysis =
    valueAt(held.json, "/spec/analysis") === undefined ? "/spec/canaryAnalysis" : "/spec/analysis";
  const stepWeights = listAt(held, `${analysis}/stepWeights`).filter((step) => typeof step === "number");
  const iterations = numberAt(held, `${analysis}/iterations`) ?? 0;
  return {
    held,
    apex: textAt(held, "/spec/service/name") ?? textAt(held, "/spec/targetRef/name") ?? held.ref.name,
    phase,
    suspended: valueAt(held.json, "/spec/suspend") === true,
    underWay: underWay.has(phase),
    idle: idle.has(phase),
    stepWeights: iterations > 0 ? [] : stepWeights,
    // Defaults of Flagger (istio.md 7.1).
    maxWeight: iterations > 0 ? null : (stepWeights.at(-1) ?? numberAt(held, `${analysis}/maxWeight`) ?? 100),
    sticky: valueAt(held.json, `${analysis}/sessionAffinity`) !== undefined,
  };
}

/** What tells one run from the next: a yes to this version is none to another, and a canary that is done by now has no pods (istio.md 7). */
const runs: Readonly<Record<string, readonly Pointer[]>> = {
  Canary: ["/status/phase", "/status/lastAppliedSpec"],
  Rollout: ["/status/currentPodHash"],
};

/** Guards of the run that the question is about; an undo comes in another one. */
export function runGuards(held: Held): readonly Guard[] {
  if (valueAt(held.json, "/status") === undefined) return [];
  const paths = runs[held.ref.kind] ?? [];
  return paths.map((path) => ({ path, value: valueAt(held.json, path) ?? null, once: true }));
}

/** Canaries and Rollouts that may own a route of this service: those of the mesh in the route's namespace. */
export function possibleOwners(mesh: Mesh, route: ResourceRef, service: ServiceKey): readonly Canary[] {
  const delivery = mesh.services.find(({ key }) => key === service)?.canary ?? null;
  return mesh.canaries.filter(
    ({ key, ref, apex, controller }) =>
      key === delivery ||
      (ref.namespace === route.namespace && (controller === "Argo Rollouts" || apex === route.name)),
  );
}

/** What stands behind `/metadata/ownerReferences`: the name of a Flagger Canary; `null`: none. */
function canaryOwner(held: Held): string | null {
  for (const owner of listAt(held, "/metadata/ownerReferences")) {
    const api = valueAt(owner, "/apiVersion");
    const name = valueAt(owner, "/name");
    const flagger = typeof api === "string" && api.startsWith("flagger.app/");
    if (flagger && valueAt(owner, "/kind") === "Canary" && typeof name === "string") return name;
  }
  return null;
}

export interface Owner {
  /** The Canary that generates this route; `null`: none. */
  readonly flagger: FlaggerState | null;
  /** A Canary of this name is the owner and can't be read. */
  readonly unseen: string | null;
  /** The Rollout that writes the weights of this rule; `null`: none. */
  readonly rollout: Held | null;
}

/** @param canaries read fresh, those of `possibleOwners`. */
export function ownerOf(route: Held, rule: RawRule, canaries: readonly Canary[], seen: Seen): Owner {
  const held = canaries.flatMap(({ ref }) => seen.object(ref) ?? []);
  const named = canaryOwner(route);
  const flagger =
    held
      .filter(({ ref }) => ref.kind === "Canary" && ref.namespace === route.ref.namespace)
      .map(flaggerState)
      .find((state) => state.held.ref.name === named || state.apex === route.ref.name) ?? null;
  const rollout = held.find((one) => one.ref.kind === "Rollout" && writes(one, route, rule)) ?? null;
  return { flagger, rollout, unseen: named !== null && flagger === null ? named : null };
}

const routing = "/spec/strategy/canary/trafficRouting";

/** A Rollout that names the object, and the rule or no rule (then it is the only one there is). */
function writes(rollout: Held, route: Held, rule: RawRule): boolean {
  const namespace = rollout.ref.namespace ?? "";
  const single = valueAt(rollout.json, `${routing}/istio/virtualService`);
  const several = listAt(rollout, `${routing}/istio/virtualServices`);
  const istio = [...(isJsonObject(single) ? [single] : []), ...several].filter(isJsonObject);
  if (route.ref.kind === "VirtualService") {
    return istio.some((entry) => isNamed(entry["name"], namespace, route.ref) && listsRule(entry, rule));
  }
  const plugin = objectAt(rollout, `${routing}/plugins`)["argoproj-labs/gatewayAPI"];
  const names = isJsonObject(plugin) ? [plugin["httpRoute"], plugin["grpcRoute"], plugin["tcpRoute"]] : [];
  return names.some((name) => isNamed(name, namespace, route.ref));
}

/** Argo takes `name`, `name.namespace` and `namespace/name`. */
function isNamed(written: unknown, namespace: string, ref: ResourceRef): boolean {
  if (typeof written !== "string") return false;
  const own = ref.namespace ?? "";
  return (
    (written === ref.name && namespace === own) ||
    written === `${ref.name}.${own}` ||
    written === `${own}/${ref.name}`
  );
}

/** `routes` by name. tlsRoutes and tcpRoutes match by port or host: any of those counts as a yes. */
function listsRule(entry: JsonObject, rule: RawRule): boolean {
  const routes = entry["routes"];
  if (!isJsonArray(routes) || routes.length === 0) return true;
  return !rule.path.startsWith("/spec/http/") || rule.name === null || routes.includes(rule.name);
}

/** `status.currentStepIndex`; `null` before the first step. */
export const stepIndexOf = (rollout: Held): number | null => numberAt(rollout, "/status/currentStepIndex");
