/** Entries of a journal about the coolstore of `meshFixture`, as the write path notes them. */
import {
  intentOf,
  type Ended,
  type Entry,
  type Intent,
  type StepState,
} from "../../src/actions/journalEntry.ts";
import type { Plan } from "../../src/actions/change.ts";
import { planOf } from "./steeringFixture.ts";

interface EntryOptions {
  readonly kind?: Intent["kind"];
  readonly root?: string;
  readonly reason?: string;
  readonly user?: string;
  /** `null`: the writer is at it, or died. */
  readonly ended?: Ended["is"] | null;
  readonly plan?: Partial<Plan>;
}

const states: Readonly<Record<Ended["is"], StepState>> = {
  applied: "applied",
  refused: "refused",
  conflict: "refused",
  unreachable: "refused",
  unknown: "unknown",
};

/** A shift of catalog from 90 and 10 to 50 and 50 at minute `minute` of 03:00 UTC. */
export function entryOf(id: string, minute: number, options: EntryOptions = {}): Entry {
  const { kind = "change", root = id, reason = null, user = "oncall", ended = "applied" } = options;
  const at = (second: number): string => new Date(Date.UTC(2026, 10, 21, 3, minute, second)).toISOString();
  const origin = {
    user,
    ssh: "192.0.2.7 50022 192.0.2.1 22",
    machine: "bastion",
    pid: 4711,
    kubeUser: "oidc:oncall",
    context: "prod eu",
    server: "api.example:6443",
  };
  const plan = planOf([50, 50], options.plan);
  const intent = intentOf(plan, { id, at: at(5), kind, root, origin, reason });
  const sent =
    ended === "applied" ? [{ record: "sent", id, step: 0, uid: "u-1", resourceVersion: "42" } as const] : [];
  if (ended === null) return { intent, sent: [], ended: null };
  const message = ended === "applied" ? `Applied: ${plan.summary}.` : `It ended so: ${ended}.`;
  const steps = plan.patches.map(() => states[ended]);
  return {
    intent,
    sent,
    ended: { record: "outcome", id, at: at(6), is: ended, message, steps, explained: false },
  };
}
