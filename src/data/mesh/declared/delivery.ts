/** Progressive delivery: Flagger's Canary and Argo's Rollout. */
import type { Instant, Millis } from "../units.ts";
import type { Meta } from "./meta.ts";

export interface CanaryMetricCheck {
  readonly name: string;
  readonly interval: Millis | null;
  readonly min: number | null;
  readonly max: number | null;
  /** It asks a query of a MetricTemplate: what that measures, this program does not know. */
  readonly isTemplate: boolean;
}

export interface FlaggerCanary {
  readonly meta: Meta;
  readonly targetRef: { readonly kind: string; readonly name: string };
  /** `spec.service.name`, else the target's name: the Service that callers use. */
  readonly apex: string;
  readonly provider: string | null;
  readonly suspend: boolean;
  readonly skipAnalysis: boolean;
  readonly revertOnDeletion: boolean;
  readonly analysis: {
    readonly interval: Millis;
    readonly threshold: number;
    readonly maxWeight: number | null;
    readonly stepWeight: number | null;
    readonly stepWeights: readonly number[];
    readonly iterations: number | null;
    readonly mirror: boolean;
    /** A caller that once got the candidate keeps it, by this cookie; `null`: each request is on its own. */
    readonly sessionCookie: string | null;
    /** Number of `match` entries. */
    readonly matches: number;
    readonly metrics: readonly CanaryMetricCheck[];
    readonly webhooks: readonly { readonly type: string; readonly name: string }[];
  };
  readonly status: {
    /** "" before Flagger has seen it. */
    readonly phase: string;
    readonly failedChecks: number;
    /** Never shown as the weight: Flagger zeroes it in most phases (istio.md 7.1). */
    readonly canaryWeight: number;
    readonly iterations: number;
    readonly lastTransition: Instant | null;
    /** Message of the Promoted condition. */
    readonly message: string | null;
  };
}

/** What Flagger said about one Canary, as an Event. */
export interface CanaryEvent {
  readonly meta: Meta;
  /** Name of the Canary, in the namespace of the event. */
  readonly canary: string;
  readonly type: "Normal" | "Warning";
  readonly message: string;
  /** When it was last said; `null`: the event does not tell. */
  readonly at: Instant | null;
}

export interface RolloutStep {
  /** Its one member, which says what it does: `setWeight`, `pause`. */
  readonly name: string;
  readonly setWeight: number | null;
  /** How long it waits, `null` until somebody lets it go on. `null`: it is no pause. */
  readonly pause: { readonly duration: Millis | null } | null;
}

export interface Rollout {
  readonly meta: Meta;
  /** By `spec.paused`, which a person sets; the pause of a step is another thing. */
  readonly paused: boolean;
  /** Since when a pause of its steps lasts; `null`: none does. */
  readonly pausedSince: Instant | null;
  readonly phase: string;
  readonly message: string | null;
  readonly stepIndex: number | null;
  readonly steps: readonly RolloutStep[];
  readonly canaryService: string | null;
  readonly stableService: string | null;
  readonly virtualServices: readonly { readonly name: string; readonly routes: readonly string[] }[];
  readonly destinationRule: {
    readonly name: string;
    readonly canarySubset: string | null;
    readonly stableSubset: string | null;
  } | null;
  readonly aborted: boolean;
  readonly weights: { readonly canary: number; readonly stable: number } | null;
}
