/** The webhooks of a Canary, each type at its place in a run (pkg/controller/scheduler_hooks.go). */
import type { Webhook } from "./canaryObject.ts";
import { count, enter, say, type Visit } from "./visit.ts";

const hooksOf = ({ spec }: Visit, type: string): readonly Webhook[] =>
  spec.webhooks.filter((hook) => hook.type === type);

const answerOf = (visit: Visit, hook: Webhook): string | null => visit.ask(hook, visit.spec, visit.now);

/** Asks all of a type, and tells of each yes. Gives the first that said no, with its error. */
function firstNo(
  visit: Visit,
  type: string,
  passed: string | null,
): { readonly name: string; readonly error: string } | null {
  for (const hook of hooksOf(visit, type)) {
    const error = answerOf(visit, hook);
    if (error !== null) return { name: hook.name, error };
    if (passed !== null) say(visit, `${passed} check ${hook.name} passed`);
  }
  return null;
}

/** `confirm-rollout`, before anything is scaled up. */
export function mayBegin(visit: Visit): boolean {
  const no = firstNo(visit, "confirm-rollout", "Confirm-rollout");
  if (no === null) return true;
  enter(visit, "Waiting");
  say(visit, `Halt ${visit.own} advancement waiting for approval ${no.name}`, "Warning");
  return false;
}

export function passesPreRollout(visit: Visit): boolean {
  const no = firstNo(visit, "pre-rollout", "Pre-rollout");
  if (no === null) return true;
  say(visit, `Halt ${visit.own} advancement pre-rollout check ${no.name} failed ${no.error}`, "Warning");
  return false;
}

/** `rollout`, asked before the metrics at each check: this is where load tests are begun. */
export function passesRollout(visit: Visit): boolean {
  const no = firstNo(visit, "rollout", null);
  if (no === null) return true;
  say(visit, `Halt ${visit.own} advancement external check ${no.name} failed ${no.error}`, "Warning");
  return false;
}

export function mayIncrease(visit: Visit): boolean {
  const no = firstNo(visit, "confirm-traffic-increase", "Confirm-traffic-increase");
  if (no === null) return true;
  say(visit, `Halt ${visit.own} advancement waiting for traffic increase approval ${no.name}`, "Warning");
  return false;
}

/** `confirm-promotion`: the halt is said once, and what it was promoted for stands one iteration back for as long as it waits. */
export function mayPromote(visit: Visit): boolean {
  const no = firstNo(visit, "confirm-promotion", "Confirm-promotion");
  if (no === null) return true;
  if (visit.status.phase === "WaitingPromotion") {
    count(visit, { iterations: visit.spec.iterations - 1 });
  } else {
    enter(visit, "WaitingPromotion");
    say(visit, `Halt ${visit.own} advancement waiting for promotion approval ${no.name}`, "Warning");
  }
  return false;
}

/** `rollback` asks the other way round: a yes ends the run. */
export function asksForRollback(visit: Visit): boolean {
  for (const hook of hooksOf(visit, "rollback")) {
    if (answerOf(visit, hook) === null) {
      say(visit, `Rollback check ${hook.name} passed`, "Warning");
      return true;
    }
    say(visit, `Rollback hook ${hook.name} not signaling a rollback`);
  }
  return false;
}

/** `post-rollout`, after a run has succeeded or failed: its answer changes nothing. */
export function tellEnd(visit: Visit): void {
  const no = firstNo(visit, "post-rollout", "Post-rollout");
  if (no !== null) say(visit, `Post-rollout hook ${no.name} failed ${no.error}`, "Warning");
}
