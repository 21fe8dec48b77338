/** What Flagger has said of a Canary, in its events (pkg/controller/scheduler.go, scheduler_hooks.go; istio.md 7.1). */
import type { CanaryEvent, FlaggerCanary } from "../declared/delivery.ts";
import type { Canary } from "../model/canary.ts";
import type { KnownMesh } from "./knownMesh.ts";

/** Put before what is said by a client that has had too much to say (client-go, tools/record/events_cache.go). */
const combined = /^\(combined from similar events\): /;

/** Oldest first; in one second in the order of writing. */
export function saidOf({ declared }: KnownMesh, { meta }: FlaggerCanary): readonly CanaryEvent[] {
  return declared.canaryEvents
    .filter((event) => event.canary === meta.ref.name && event.meta.ref.namespace === meta.ref.namespace)
    .map((event) => ({ ...event, message: event.message.replace(combined, "") }))
    .toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.meta.ref.name < b.meta.ref.name ? -1 : 1));
}

/** A hook that has nothing against going on: what is said after it, or was before it, says more. */
const nothingNew =
  /^(Rollback hook .* not signaling a rollback|(Confirm-rollout|Confirm-traffic-increase|Confirm-promotion|Pre-rollout|Post-rollout) check .* passed)$/;

/** The newest that tells where the run is. */
export function lastEventOf(said: readonly CanaryEvent[]): Canary["lastEvent"] {
  const newest = said.findLast(({ message }) => !nothingNew.test(message)) ?? said.at(-1);
  return newest === undefined ? null : { type: newest.type, message: newest.message, at: newest.at };
}

const begins = /^New revision detected/;
/** Phases of a run that has not come to a good end. */
const unfinished: ReadonlySet<string> = new Set(["Waiting", "Progressing", "WaitingPromotion", "Failed"]);

/** Why this run stopped last, whether or not it has gone on since: what its failed checks are. */
export function lastHaltOf({ status }: FlaggerCanary, said: readonly CanaryEvent[]): Canary["lastHalt"] {
  if (!unfinished.has(status.phase)) return null;
  // Whoever waits for its yes has not begun yet.
  const begun = status.phase === "Waiting" ? 0 : said.findLastIndex(({ message }) => begins.test(message));
  const halt = said.slice(Math.max(0, begun)).findLast(({ message }) => message.startsWith("Halt "));
  return halt === undefined ? null : { message: halt.message, at: halt.at };
}

interface Told {
  readonly says: RegExp;
  /** The weight, or the iteration, by what stands in brackets. */
  readonly value: (written: number) => number;
}

const weightsSaid: readonly Told[] = [
  { says: /^Advance .* canary weight (\d+)$/, value: (canary) => canary },
  { says: /^Advance .* primary weight (\d+)$/, value: (primary) => 100 - primary },
  { says: /^(Routing|.* and route) all traffic to canary$/, value: () => 100 },
  { says: /^(New revision detected|Routing all traffic to primary|Rolling back)/, value: () => 0 },
];

const iterationsSaid: readonly Told[] = [
  { says: /^Advance .* canary iteration (\d+)\/\d+$/, value: (iteration) => iteration },
  { says: begins, value: () => 0 },
];

/** `flagger_canary_weight` would say the same where somebody scrapes Flagger; its events are there in any case. */
export function historyOf({ analysis }: FlaggerCanary, said: readonly CanaryEvent[]): readonly number[] {
  const told = (analysis.iterations ?? 0) > 0 ? iterationsSaid : weightsSaid;
  return said.flatMap(({ message }) => {
    for (const { says, value } of told) {
      const found = says.exec(message);
      if (found !== null) return [value(Number(found[1]))];
    }
    return [];
  });
}
