/** What Flagger writes into the status of a Canary (pkg/canary/status.go; istio.md 7.1). */
import { fieldsAt, listAt, numberAt, textAt } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";

export type Phase =
  | ""
  | "Initialized"
  | "Waiting"
  | "Progressing"
  | "WaitingPromotion"
  | "Promoting"
  | "Finalising"
  | "Succeeded"
  | "Failed";

export interface CanaryStatus {
  readonly phase: Phase;
  readonly failedChecks: number;
  readonly canaryWeight: number;
  readonly iterations: number;
  readonly lastAppliedSpec: string;
  readonly lastPromotedSpec: string;
  /** RFC 3339; "" before the first. */
  readonly lastTransitionTime: string;
  /** `name=value` that callers of this run's canary keep; "": none yet. */
  readonly sessionAffinityCookie: string;
  /** That of the run before, which callers are told to forget. */
  readonly previousSessionAffinityCookie: string;
}

/** Flagger's own words. */
const messages: Readonly<Record<Phase, string>> = {
  "": "",
  Initialized: "Deployment initialization completed.",
  Waiting: "Waiting for approval.",
  Progressing: "New revision detected, progressing canary analysis.",
  WaitingPromotion: "Waiting for approval.",
  Promoting: "Canary analysis completed, starting primary rolling update.",
  Finalising: "Canary analysis completed, routing all traffic to primary.",
  Succeeded: "Canary analysis completed successfully, promotion finished.",
  Failed: "Canary analysis failed, Deployment scaled to zero.",
};

const isPhase = (text: string): text is Phase => Object.hasOwn(messages, text);

export function statusOf(canary: KubeObject): CanaryStatus {
  const status = fieldsAt(canary, "status");
  const text = (field: string): string => textAt(status, field) ?? "";
  const number = (field: string): number => numberAt(status, field) ?? 0;
  const phase = text("phase");
  return {
    phase: isPhase(phase) ? phase : "",
    failedChecks: number("failedChecks"),
    canaryWeight: number("canaryWeight"),
    iterations: number("iterations"),
    lastAppliedSpec: text("lastAppliedSpec"),
    lastPromotedSpec: text("lastPromotedSpec"),
    lastTransitionTime: text("lastTransitionTime"),
    sessionAffinityCookie: text("sessionAffinityCookie"),
    previousSessionAffinityCookie: text("previousSessionAffinityCookie"),
  };
}

/** Phases in which status keeps weight and iterations; in all others Flagger zeroes both, whatever the route says. */
const counting: ReadonlySet<Phase> = new Set(["Progressing", "Waiting", "Promoting"]);

/** What a phase does to the rest of the status (`setStatusPhase`). While it waits for promotion an iteration is taken back, or -1 stands there. */
export function enteredPhase(
  phase: Phase,
  { lastAppliedSpec }: CanaryStatus,
  iterations: number,
): Partial<CanaryStatus> {
  if (counting.has(phase)) return { phase };
  return {
    phase,
    canaryWeight: 0,
    iterations: phase === "WaitingPromotion" ? iterations - 1 : 0,
    ...(phase === "Succeeded" ? { lastPromotedSpec: lastAppliedSpec } : {}),
  };
}

const promoted: Readonly<Partial<Record<Phase, string>>> = {
  Succeeded: "True",
  Initialized: "True",
  Failed: "False",
};

export function withStatus(canary: KubeObject, status: CanaryStatus): KubeObject {
  const { sessionAffinityCookie, previousSessionAffinityCookie, ...rest } = status;
  const written: JsonObject = {
    ...withoutCookies(fieldsAt(canary, "status")),
    ...rest,
    ...cookie("sessionAffinityCookie", sessionAffinityCookie),
    ...cookie("previousSessionAffinityCookie", previousSessionAffinityCookie),
    trackedConfigs: {},
    conditions: [conditionOf(canary, status)],
  };
  return { ...canary, status: written };
}

const withoutCookies = (status: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(status).filter(([field]) => !/sessionAffinityCookie$/i.test(field)));

/** Go leaves an empty text out, which takes the old one away. */
function cookie(field: string, value: string): JsonObject {
  return value === "" ? {} : { [field]: value };
}

/** It stands as it is until the phase is another one, and its last transition until its status is. */
function conditionOf(canary: KubeObject, { phase, lastTransitionTime }: CanaryStatus): JsonObject {
  const [before] = listAt(canary, "status", "conditions");
  const status = promoted[phase] ?? "Unknown";
  const isSame = textAt(before, "status") === status;
  if (isSame && textAt(before, "reason") === phase) return fieldsAt(before);
  return {
    type: "Promoted",
    status,
    reason: phase,
    message: messages[phase],
    lastTransitionTime: isSame ? (textAt(before, "lastTransitionTime") ?? "") : lastTransitionTime,
    lastUpdateTime: lastTransitionTime,
  };
}
