/** What a command that writes answers in `-o json` and `-o yaml`. The schema is in docs/json.md and is kept stable. */
import { stringify } from "yaml";
import type { Change, Operation, Patch, Plan, WeightRow } from "../../actions/change.ts";
import { operationsOf } from "../../actions/change.ts";
import type { Deviation } from "../../actions/changes/rebase.ts";
import { kubectlFor } from "../../actions/kubectl.ts";
import type { CommandResult, Outcome, Rehearsal } from "../../actions/proposal.ts";
import type { Arrival, ArrivalDestination } from "../../data/mesh/arrival.ts";
import type { Json } from "../../data/mesh/json.ts";
import { diffText, yamlDiff } from "../steer/yamlDiff.ts";
import { present, refFields, rounded, type Fields } from "./figures.ts";

/** How a write ended, and what was seen of it since. */
export interface WriteAnswer extends Omit<CommandResult, "exitCode"> {
  readonly exitCode: number;
  /** `null`: nobody waited for it, or there was nothing to count. */
  readonly arrival: Arrival | null;
}

/** The whole answer for stdout, without a final newline. @param context for the kubectl lines. */
export function printWrite(result: WriteAnswer, context: string, format: "json" | "yaml"): string {
  const document = writeDocument(result, context);
  return format === "json" ? JSON.stringify(document, null, 2) : stringify(document).trimEnd();
}

function writeDocument(answer: WriteAnswer, context: string): Fields {
  const { exitCode, message, proposal, outcome, arrival } = answer;
  return {
    context,
    plan: proposal === null ? null : planDocument(proposal.plan, context),
    warnings: proposal?.plan.warnings ?? [],
    blockers: proposal?.plan.blockers ?? [],
    dryRun: proposal?.rehearsal == null ? null : dryRunDocument(proposal.rehearsal),
    outcome: outcome === null ? null : outcomeDocument(outcome),
    journalId: outcome?.id ?? null,
    arrival: arrival === null ? null : arrivalDocument(arrival),
    message,
    exitCode,
  };
}

function planDocument(plan: Plan, context: string): Fields {
  return {
    kind: plan.change.kind,
    summary: plan.summary,
    ...changeFields(plan.change),
    isGrave: plan.grave,
    weights: plan.weights.map(weightDocument),
    cuts: plan.cuts.map(({ host, from }) => ({ host, workload: from })),
    patches: plan.patches.map((patch) => patchDocument(patch, context)),
  };
}

/** Of what is changed, as far as the patches do not say it. */
function changeFields(change: Change): Fields {
  if (change.kind !== "shift" && change.kind !== "mirror") return {};
  // Rules count from 1, as on the screen and in `--rule`.
  return { service: change.service, rule: change.rule + 1 };
}

export function weightDocument({ name, before, after }: WeightRow): Fields {
  const share = (ratio: number | null): number | null => (ratio === null ? null : rounded(ratio));
  return {
    name,
    beforeWeight: before.weight,
    beforeShare: share(before.share),
    afterWeight: after.weight,
    afterShare: share(after.share),
  };
}

/** @param context `kubectl` is a line for a POSIX shell that does the same in it. */
export function patchDocument(patch: Patch, context: string): Fields {
  return {
    do: patch.do,
    object: refFields(patch.ref),
    ...(patch.do === "edit"
      ? { subresource: patch.subresource, jsonPatch: operationsDocument(operationsOf(patch)) }
      : { manifest: patch.manifest }),
    kubectl: kubectlFor(patch, context),
  };
}

function operationsDocument(operations: readonly Operation[]): Json {
  return operations.map((operation) =>
    operation.op === "remove"
      ? { op: operation.op, path: operation.path }
      : { op: operation.op, path: operation.path, value: operation.value },
  );
}

function dryRunDocument({ refusal, warnings, objects }: Rehearsal): Fields {
  return {
    accepted: refusal === null,
    refusal: refusal === null ? null : { is: refusal.is, message: refusal.message, advice: refusal.advice },
    warnings,
    diffs: objects.map(({ patch, before, after }) => ({
      object: refFields(patch.ref),
      lines: yamlDiff(before?.json ?? null, after?.json ?? null).map(diffText),
    })),
  };
}

function outcomeDocument({ is, message, advice, steps, deviations, warnings }: Outcome): Fields {
  return { is, message, advice, steps, deviations: deviations.map(deviationDocument), warnings };
}

function deviationDocument({ path, expected, found, by }: Deviation): Fields {
  return { path, expected, found, by: by === null ? null : { managers: by.managers, at: by.at } };
}

function arrivalDocument(arrival: Arrival): Fields {
  const { state, reason, note, counts, n, elapsed, counted, propagation } = arrival;
  return {
    state,
    reason,
    note,
    counts,
    total: n,
    elapsedMs: elapsed,
    countedMs: counted,
    destinations: arrival.destinations.map(arrivedDocument),
    propagationP50Ms: propagation === null ? null : rounded(propagation.p50),
    propagationP99Ms: propagation === null ? null : rounded(propagation.p99),
  };
}

function arrivedDocument({ name, wanted, requests, observed, low, high }: ArrivalDestination): Fields {
  const measured = { observedShare: observed, observedLow: low, observedHigh: high };
  return {
    name,
    wantedShare: rounded(wanted),
    ...(observed === null ? { observedShare: null } : present(measured)),
    counted: requests,
  };
}
