/** How a run goes on after a good check: by weights, by iterations for those who match, or by iterations for nobody (scheduler.go). */
import type { CanarySpec } from "./canaryObject.ts";
import type { Routing } from "./canaryRoutes.ts";
import { mayPromote } from "./hooks.ts";
import { copyToPrimary, count, enter, say, setRoutes, type Visit } from "./visit.ts";

const allToCanary: Routing = { primary: 0, canary: 100, mirrored: false };

/** A weight that is not in `stepWeights` jumps straight to 100; at 100 any step is one too many, and promotes (`nextStepWeight`). */
export function nextStep({ stepWeights, stepWeight }: CanarySpec, weight: number): number {
  const [first] = stepWeights;
  if (stepWeight > 0 || first === undefined) return stepWeight;
  const left = 100 - weight;
  if (left === 0) return 1;
  if (weight === 0) return Math.min(left, first);
  const at = stepWeights.indexOf(weight);
  const next = at < 0 ? undefined : stepWeights[at + 1];
  return next === undefined ? left : Math.min(left, next - weight);
}

/** `runCanary`. With `mirror` the first look copies requests, and the second takes the first step. */
export function runWeighted(visit: Visit): void {
  const { spec, routing, own } = visit;
  if (routing.canary >= spec.maxWeight) {
    promote(visit);
    return;
  }
  const mirrors = spec.mirror && routing.canary === 0 && !routing.mirrored;
  const canary = mirrors ? 0 : Math.min(100, routing.canary + nextStep(spec, routing.canary));
  setRoutes(visit, { primary: 100 - canary, canary, mirrored: mirrors });
  count(visit, { canaryWeight: canary });
  say(visit, `Advance ${own} canary weight ${canary}`);
}

/** `runAB`: those who match get the canary, all of them, for so many checks. */
export function runMatched(visit: Visit): void {
  if (visit.spec.iterations > visit.status.iterations) {
    setRoutes(visit, allToCanary);
    passOnce(visit);
  } else promote(visit);
}

/** `runBlueGreen`: nobody gets the canary, but copies with `mirror`, until it has passed so often; then everybody does, for one check more. */
export function runBlueGreen(visit: Visit): void {
  const { spec, status, routing } = visit;
  if (spec.iterations > status.iterations) {
    if (spec.mirror && !routing.mirrored) setRoutes(visit, { primary: 100, canary: 0, mirrored: true });
    passOnce(visit);
  } else if (spec.iterations < status.iterations) promote(visit);
  else if (mayPromote(visit)) {
    say(
      visit,
      spec.mirror
        ? "Stop traffic mirroring and route all traffic to canary"
        : "Routing all traffic to canary",
    );
    setRoutes(visit, allToCanary);
    count(visit, { iterations: status.iterations + 1 });
  }
}

function passOnce(visit: Visit): void {
  const { spec, status, own } = visit;
  const iterations = status.iterations + 1;
  count(visit, { iterations });
  say(visit, `Advance ${own} canary iteration ${iterations}/${spec.iterations}`);
}

function promote(visit: Visit): void {
  if (!mayPromote(visit)) return;
  copyToPrimary(visit);
  enter(visit, "Promoting");
}
