/** Where a run of Flagger is on its way, and what comes next (pkg/controller/scheduler.go; istio.md 7.1). */
import type { FlaggerCanary } from "../declared/delivery.ts";
import type { Canary } from "../model/canary.ts";

type Analysis = FlaggerCanary["analysis"];

export const underWay: ReadonlySet<string> = new Set([
  "Progressing",
  "Waiting",
  "WaitingPromotion",
  "Promoting",
]);

const iterationsOf = ({ iterations }: Analysis): number => Math.max(0, iterations ?? 0);

/** The last of `stepWeights` comes before `maxWeight`; without either it is 100. `null`: the run goes by iterations, not by weights. */
export function maxWeightOf(analysis: Analysis): number | null {
  if (iterationsOf(analysis) > 0) return null;
  const last = analysis.stepWeights.at(-1);
  return last === undefined ? analysis.maxWeight || 100 : Math.min(100, last);
}

/** From the weight in the route, because Flagger's status zeroes its own in most phases; for iterations there is only the status. */
export function stepOf({ analysis, status }: FlaggerCanary, weight: Canary["weight"]): Canary["step"] {
  if (!underWay.has(status.phase)) return null;
  const of = iterationsOf(analysis);
  if (of > 0) return iterationOf(status, of);
  const percent = percentOf(weight);
  return percent === 0 ? null : weightStep(analysis, percent);
}

/** Blue-green counts one more when all traffic is on the canary; whoever waits for promotion has passed them all, though one is taken back in the status. */
function iterationOf({ phase, iterations }: FlaggerCanary["status"], of: number): Canary["step"] {
  if (phase === "WaitingPromotion") return { now: of, of };
  return iterations > 0 ? { now: Math.min(iterations, of), of } : null;
}

const percentOf = (weight: Canary["weight"]): number => Math.round((weight?.share ?? 0) * 100);

/** `stepWeight` comes before `stepWeights`, where both are written (`nextStepWeight`). */
const listedSteps = ({ stepWeight, stepWeights }: Analysis): readonly number[] =>
  (stepWeight ?? 0) > 0 ? [] : stepWeights;

function weightStep(analysis: Analysis, percent: number): Canary["step"] {
  const listed = listedSteps(analysis);
  if (listed.length > 0) {
    const at = listed.indexOf(percent);
    return at < 0 ? null : { now: at + 1, of: listed.length };
  }
  const step = analysis.stepWeight ?? 0;
  if (step <= 0) return null;
  const of = Math.ceil((maxWeightOf(analysis) ?? 100) / step);
  return { now: Math.min(of, Math.ceil(percent / step)), of };
}

/** A weight that is not among `stepWeights` jumps straight to 100. With `mirror` the first look copies requests, and leaves it at 0. */
export function nextWeightOf(
  { analysis, status }: FlaggerCanary,
  { weight, mirrored }: Pick<Canary, "weight" | "mirrored">,
): number | null {
  const highest = maxWeightOf(analysis);
  if (status.phase !== "Progressing" || highest === null || weight === null) return null;
  const now = percentOf(weight);
  if (now >= highest) return null;
  if (analysis.mirror && now === 0 && mirrored === null) return 0;
  const listed = listedSteps(analysis);
  if (listed.length > 0) return afterStep(listed, now);
  const step = analysis.stepWeight ?? 0;
  return step > 0 ? Math.min(100, now + step) : null;
}

function afterStep(listed: readonly number[], now: number): number {
  const at = now === 0 ? -1 : listed.indexOf(now);
  return now !== 0 && at < 0 ? 100 : (listed[at + 1] ?? 100);
}
