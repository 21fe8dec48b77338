/** One visit of Flagger to one Canary: what it sees, and what it can do (pkg/controller, pkg/canary). */
import type { Json } from "../../../mesh/json.ts";
import { fieldsAt, numberAt } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import type { ServedWindow } from "../../traffic/servedWindow.ts";
import { suffixOf } from "../names.ts";
import { recordEvent } from "../events.ts";
import { timestampOf } from "../timestamp.ts";
import { templateHash, type CanarySpec, type Webhook } from "./canaryObject.ts";
import {
  allToPrimary,
  cookiesFor,
  generatedRoutes,
  isForeign,
  routingIn,
  type Routing,
} from "./canaryRoutes.ts";
import { enteredPhase, statusOf, withStatus, type CanaryStatus, type Phase } from "./canaryStatus.ts";

/** Where Flagger works. */
export interface FlaggerCluster {
  readonly store: ObjectStore;
  readonly served: ServedWindow;
  /** What a webhook of a Canary answers: `null` is yes, else its error. */
  readonly ask: (hook: Webhook, from: CanarySpec, now: number) => string | null;
}

export interface Visit extends FlaggerCluster {
  readonly now: number;
  readonly spec: CanarySpec;
  /** As it was when the visit began. */
  readonly status: CanaryStatus;
  readonly target: KubeObject;
  /** `name.namespace` of the target, as many of Flagger's messages name it. */
  readonly named: string;
  /** `name.namespace` of the Canary, as the others do. */
  readonly own: string;
  /** What the VirtualService says: Flagger reads its own weights back from there. */
  readonly routing: Routing;
}

export const deployments = { group: "apps", kind: "Deployment" } as const;
const routes = { group: "networking.istio.io", kind: "VirtualService" } as const;
const canaries = { group: "flagger.app", kind: "Canary" } as const;

/** Puts the generated VirtualService back where somebody changed more than weights, and reads it. */
export function reconciledRouting(store: ObjectStore, spec: CanarySpec): Routing {
  const route = store.get({ ...routes, namespace: spec.namespace, name: spec.apex });
  const routing = route === null ? null : routingIn(route, spec);
  if (route !== null && routing !== null && !isForeign(route, spec)) return routing;
  writeRoute(store, spec, generatedRoutes({ ...spec, sessions: null }, allToPrimary));
  return allToPrimary;
}

function writeRoute(store: ObjectStore, { namespace, apex: name }: CanarySpec, spec: JsonObject): void {
  const metadata = store.get({ ...routes, namespace, name })?.metadata ?? { name, namespace };
  const object = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata };
  store.apply({ ...object, ...{ spec } }, "flagger");
}

/** `SetRoutes`; the cookies of sessions go with the next write of the status. */
export function setRoutes(visit: Visit, routing: Routing): void {
  const { store, spec, target } = visit;
  const canary = canaryOf(visit);
  if (canary === null) return;
  const status = statusOf(canary);
  const fresh = lettersOf(`${spec.namespace}/${spec.name} ${templateHash(target)}`);
  const cookies = cookiesFor(spec, routing, status, fresh);
  writeRoute(store, spec, generatedRoutes(spec, routing, cookies));
  store.apply(withStatus(canary, { ...status, ...cookies }), "flagger");
}

/** Ten letters that are the same for the same run. */
const lettersOf = (run: string): string => suffixOf(run, 10);

function canaryOf({ store, spec }: Visit): KubeObject | null {
  return store.get({ ...canaries, namespace: spec.namespace, name: spec.name });
}

/** `SetStatusPhase`. */
export function enter(visit: Visit, phase: Phase): void {
  write(visit, (status) => enteredPhase(phase, status, visit.spec.iterations));
}

/** `SyncStatus`: a run from its beginning, or its end, with the pod template as it is now. */
export function beginPhase(visit: Visit, phase: Phase): void {
  const lastAppliedSpec = templateHash(visit.target);
  write(visit, () => ({ phase, canaryWeight: 0, failedChecks: 0, iterations: 0, lastAppliedSpec }));
}

/** One of the counters. */
export function count(
  visit: Visit,
  change: Partial<Pick<CanaryStatus, "failedChecks" | "canaryWeight" | "iterations">>,
): void {
  write(visit, () => change);
}

/** Every write of the status moves lastTransitionTime, also one that keeps the phase. */
function write(visit: Visit, change: (status: CanaryStatus) => Partial<CanaryStatus>): void {
  const canary = canaryOf(visit);
  if (canary === null) return;
  const status = statusOf(canary);
  const lastTransitionTime = timestampOf(visit.now);
  visit.store.apply(withStatus(canary, { ...status, ...change(status), lastTransitionTime }), "flagger");
}

export function say(visit: Visit, message: string, type: "Normal" | "Warning" = "Normal"): void {
  const canary = canaryOf(visit);
  if (canary === null) return;
  // Flagger has this one reason for everything; the text is in the message.
  recordEvent(visit.store, canary, { at: visit.now, type, reason: "Synced", message, from: "flagger" });
}

/** The primary gets the target's pod template, but keeps the labels that its Services select. */
export function copyToPrimary(visit: Visit): void {
  const { store, spec, target, named } = visit;
  say(visit, `Copying ${named} template spec to ${spec.target}-primary.${spec.namespace}`);
  const primary = store.get({ ...deployments, namespace: spec.namespace, name: `${spec.target}-primary` });
  if (primary === null) return;
  const template: Json = {
    ...fieldsAt(target, "spec", "template"),
    metadata: fieldsAt(primary, "spec", "template", "metadata"),
  };
  store.apply(withSpec(primary, { template }), "flagger");
}

/** Up from nothing to one replica, or down to nothing. */
export function scale({ store, spec }: Visit, replicas: 0 | 1): void {
  const target = store.get({ ...deployments, namespace: spec.namespace, name: spec.target });
  if (target === null || (replicas > 0 && (numberAt(target, "spec", "replicas") ?? 1) > 0)) return;
  store.apply(withSpec(target, { replicas }), "flagger");
}

function withSpec(object: KubeObject, change: JsonObject): KubeObject {
  return { ...object, spec: { ...fieldsAt(object, "spec"), ...change } };
}
