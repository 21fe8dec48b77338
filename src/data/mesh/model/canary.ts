import type { ResourceRef } from "../declared/meta.ts";
import type { Traffic } from "../traffic.ts";
import type { Instant, Millis, Ratio } from "../units.ts";
import type { ServiceKey, WorkloadKey } from "./keys.ts";
import type { Observed } from "./observed.ts";

export interface Canary {
  readonly key: ServiceKey;
  readonly ref: ResourceRef;
  readonly controller: "Flagger" | "Argo Rollouts";
  readonly strategy: "canary" | "A/B" | "blue-green";
  /** Requests are copied to the candidate before it answers any. */
  readonly mirrors: boolean;
  /** Cookie by which a caller that once got the candidate keeps it; `null`: each request is on its own. */
  readonly sessionCookie: string | null;
  readonly apex: string;
  readonly target: string;
  readonly phase: string;
  readonly suspended: boolean;
  /** Weight and share of the canary in its route: never Flagger's status. `null`: no route found. */
  readonly weight: { readonly canary: number; readonly total: number; readonly share: Ratio | null } | null;
  /** Whose requests the weight is of, OR-ed, in words; empty: everybody's, or no route is found. */
  readonly matches: readonly string[];
  /** Part of the requests that the candidate gets copies of now; `null`: none. */
  readonly mirrored: Ratio | null;
  /** Of all requests to both sides: what matches is not told apart. */
  readonly observed: Observed | null;
  readonly maxWeight: number | null;
  /** Position in the steps, from 1; `null` outside of them. */
  readonly step: { readonly now: number; readonly of: number } | null;
  readonly failedChecks: number;
  readonly threshold: number;
  readonly interval: Millis | null;
  readonly lastTransition: Instant | null;
  /** When its controller last did or said something: it looks again each `interval` after that. `null`: not known, or it does not look. */
  readonly lastLook: Instant | null;
  /** Webhooks that are asked on the way, as declared. */
  readonly webhooks: readonly { readonly type: string; readonly name: string }[];
  /** The webhook that holds it up now, `name` "" where only its type is known; or `pause`, a step of a Rollout. */
  readonly waitsAt: { readonly type: string; readonly name: string } | null;
  /** When a pause ends by itself; `null`: somebody has to end it, or it is at none. */
  readonly waitsUntil: Instant | null;
  /** What the candidate is measured by, with what it has now. */
  readonly metrics: readonly CanaryMetric[];
  readonly message: string | null;
  /** The newest of its controller's events that says where it is; `null`: none is left, or they cannot be read. A Warning is why it halts. */
  readonly lastEvent: {
    readonly type: "Normal" | "Warning";
    readonly message: string;
    readonly at: Instant | null;
  } | null;
  /** Why this run stopped last, whether or not it has gone on since; `null`: it has not, or it is over and went well. */
  readonly lastHalt: { readonly message: string; readonly at: Instant | null } | null;
  /** Weights that its controller says it set, or iterations where it goes by those, oldest first, as far back as the server keeps events (an hour). */
  readonly history: readonly number[];
  /** Weight of the canary after the next good check, 0 where that begins to mirror; `null`: it promotes, or its steps are not weights. */
  readonly nextWeight: number | null;
  /** Whether the target gets its replicas back when the Canary is deleted; without, it stays at 0. `null`: no Canary of Flagger's. */
  readonly revertOnDeletion: boolean | null;
  readonly stable: CanarySide;
  readonly candidate: CanarySide;
  readonly verdict: CanaryVerdict;
}

export interface CanaryMetric {
  readonly name: string;
  readonly min: number | null;
  readonly max: number | null;
  /** Percent for `request-success-rate`, ms for `request-duration`; "" where a template of the user's decides. */
  readonly unit: "%" | "ms" | "";
  /** Over the window of this program, in the unit; `null`: nobody measured, nothing arrived, or it is a template's. */
  readonly now: number | null;
  /** Requests that it is measured by. */
  readonly requests: number;
}

export interface CanarySide {
  /** Service (Flagger) or subset that carries this side. */
  readonly name: string;
  readonly workload: WorkloadKey | null;
  readonly traffic: Traffic;
}

/** The candidate against its stable version over the same window, never against zero. */
export type CanaryVerdict =
  | { readonly is: "quiet"; readonly requests: number }
  | { readonly is: "worse"; readonly signal: "errors" | "p95"; readonly by: number }
  /** Not worse in what is known, and this is not, on one side at least. */
  | { readonly is: "unknown"; readonly lacks: readonly ("errors" | "p95")[] }
  | { readonly is: "healthy" };
