/** What Argo's controller reads of a Rollout, and what it writes into its status (istio.md 7.2). */
import { parseDuration } from "../../../mesh/duration.ts";
import type { Json } from "../../../mesh/json.ts";
import { boolAt, fieldsAt, listAt, numberAt, objectAt, textAt, textsOrNull } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";

/** One of `spec.strategy.canary.steps`. What is neither weight nor pause is done at once. */
export interface Step {
  /** `null`: the step leaves the weight as it is. */
  readonly setWeight: number | null;
  /** `until` in ms after its begin; `null`: until somebody lets it go on. */
  readonly pause: { readonly until: number | null } | null;
  /** As Argo's events name it: `setWeight: 20`. */
  readonly words: string;
}

/** Rules of one VirtualService. */
export interface RoutedRules {
  readonly namespace: string;
  readonly name: string;
  /** Names of http rules; with none and no others listed, the only http rule is meant. */
  readonly http: readonly string[];
  readonly tcp: readonly { readonly port: number | null }[];
  readonly tls: readonly { readonly port: number | null; readonly sniHosts: readonly string[] }[];
}

export interface RolloutSpec {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly paused: boolean;
  readonly selector: JsonObject;
  readonly steps: readonly Step[];
  readonly canaryService: string | null;
  readonly stableService: string | null;
  readonly rules: readonly RoutedRules[];
  readonly destinationRule: {
    readonly name: string;
    readonly canarySubset: string | null;
    readonly stableSubset: string | null;
  } | null;
  /** Milliseconds that replaced pods, and those of an aborted canary, stay up. */
  readonly scaleDownDelay: number;
  readonly abortScaleDownDelay: number;
}

const specs = new WeakMap<KubeObject, RolloutSpec>();

export function specOf(rollout: KubeObject): RolloutSpec {
  const spec = specs.get(rollout) ?? readSpec(rollout);
  specs.set(rollout, spec);
  return spec;
}

function readSpec(rollout: KubeObject): RolloutSpec {
  const namespace = rollout.metadata.namespace ?? "default";
  const canary = fieldsAt(rollout, "spec", "strategy", "canary");
  const istio = fieldsAt(canary, "trafficRouting", "istio");
  const single = objectAt(istio, "virtualService");
  const rule = objectAt(istio, "destinationRule");
  const seconds = (field: string): number => 1000 * (numberAt(canary, field) ?? 30);
  return {
    namespace,
    name: rollout.metadata.name,
    replicas: Math.max(0, Math.floor(numberAt(rollout, "spec", "replicas") ?? 1)),
    paused: boolAt(rollout, "spec", "paused"),
    selector: fieldsAt(rollout, "spec", "selector"),
    steps: listAt(canary, "steps").map(readStep),
    canaryService: textAt(canary, "canaryService"),
    stableService: textAt(canary, "stableService"),
    rules: (single === null ? listAt(istio, "virtualServices") : [single]).map((entry) =>
      readRules(entry, namespace),
    ),
    destinationRule:
      rule === null
        ? null
        : {
            name: textAt(rule, "name") ?? "",
            canarySubset: textAt(rule, "canarySubsetName"),
            stableSubset: textAt(rule, "stableSubsetName"),
          },
    scaleDownDelay: seconds("scaleDownDelaySeconds"),
    abortScaleDownDelay: seconds("abortScaleDownDelaySeconds"),
  };
}

function readStep(step: Json): Step {
  const pause = objectAt(step, "pause");
  const setWeight = numberAt(step, "setWeight");
  const [what = "", value] = Object.entries(fieldsAt(step))[0] ?? [];
  const words = setWeight === null ? what : `${what}: ${JSON.stringify(value)}`;
  return { setWeight, pause: pause === null ? null : { until: spanOf(pause) }, words };
}

/** Seconds as a number or in digits, or a duration; what is none of these waits for somebody. */
function spanOf(pause: JsonObject): number | null {
  const text = textAt(pause, "duration");
  if (text === null) {
    const seconds = numberAt(pause, "duration");
    return seconds === null ? null : 1000 * seconds;
  }
  return /^\d+$/.test(text) ? 1000 * Number(text) : parseDuration(text);
}

/** Argo takes `name`, `name.namespace` and `namespace/name`. */
function readRules(entry: Json, own: string): RoutedRules {
  const written = textAt(entry, "name") ?? "";
  const [before = "", after] = written.split(/[/.]/, 2);
  const [namespace, name] = written.includes("/") ? [before, after ?? ""] : [after ?? own, before];
  return {
    namespace,
    name,
    http: textsOrNull(entry, "routes") ?? [],
    tcp: listAt(entry, "tcpRoutes").map((one) => ({ port: numberAt(one, "port") })),
    tls: listAt(entry, "tlsRoutes").map((one) => ({
      port: numberAt(one, "port"),
      sniHosts: textsOrNull(one, "sniHosts") ?? [],
    })),
  };
}

export interface RolloutStatus {
  /** "" before the controller has seen it. */
  readonly currentPodHash: string;
  /** "" until the first version is up. */
  readonly stableRS: string;
  /** As many as there are steps when all are done. */
  readonly currentStepIndex: number;
  /** Epoch ms of the begin of a pause step; `null`: none is running, or somebody let it go on. */
  readonly pausedSince: number | null;
  readonly controllerPause: boolean;
  readonly abort: boolean;
  /** RFC 3339; "" when not aborted. */
  readonly abortedAt: string;
  readonly promoteFull: boolean;
}

const pauseReason = "CanaryPauseStep";

export function statusOf(rollout: KubeObject): RolloutStatus {
  const status = fieldsAt(rollout, "status");
  const pause = listAt(status, "pauseConditions").find((one) => textAt(one, "reason") === pauseReason);
  const since = Date.parse(textAt(pause, "startTime") ?? "");
  return {
    currentPodHash: textAt(status, "currentPodHash") ?? "",
    stableRS: textAt(status, "stableRS") ?? "",
    currentStepIndex: Math.max(0, Math.floor(numberAt(status, "currentStepIndex") ?? 0)),
    pausedSince: Number.isNaN(since) ? null : since,
    controllerPause: boolAt(status, "controllerPause"),
    abort: boolAt(status, "abort"),
    abortedAt: textAt(status, "abortedAt") ?? "",
    promoteFull: boolAt(status, "promoteFull"),
  };
}

/** The fields of `status` that `RolloutStatus` stands for; absent ones are not written at all, as Go's omitempty has it. */
export function statusFields(
  status: RolloutStatus,
  steps: number,
  timestamp: (at: number) => string,
): JsonObject {
  const { pausedSince, abort, promoteFull, controllerPause, currentStepIndex } = status;
  return {
    currentPodHash: status.currentPodHash,
    ...(status.stableRS === "" ? {} : { stableRS: status.stableRS }),
    ...(steps === 0 ? {} : { currentStepIndex }),
    ...(pausedSince === null
      ? {}
      : { pauseConditions: [{ reason: pauseReason, startTime: timestamp(pausedSince) }] }),
    ...(controllerPause ? { controllerPause } : {}),
    ...(abort ? { abort, abortedAt: status.abortedAt } : {}),
    ...(promoteFull ? { promoteFull } : {}),
  };
}
