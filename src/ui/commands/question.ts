/** A proposal as lines of text, and what counts as a yes to it on a command line. Pure. */
import type { Plan, WeightRow } from "../../actions/change.ts";
import { demandOf, type Level } from "../../actions/guard.ts";
import type { Proposal, Rehearsal } from "../../actions/proposal.ts";
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import { formatShare } from "../columns/format.ts";
import { pad, width } from "../paint/width.ts";
import { diffText, yamlDiff } from "../steer/yamlDiff.ts";

/** What stands above the question: what changes, what is known against it, what the server says. Cleaned. */
export function proposalLines({ plan, rehearsal }: Proposal): readonly string[] {
  return [
    plan.summary,
    ...weightLines(plan.weights),
    ...plan.blockers.map((blocker) => `blocked: ${blocker}`),
    ...plan.warnings.map((warning) => `warning: ${warning}`),
    ...savingLines(plan),
    ...(rehearsal === null ? [] : serverLines(rehearsal)),
  ].map(clean);
}

/** For each host that would be cut off, the command that saves it. */
function savingLines({ cuts }: Plan): readonly string[] {
  const commands = cuts.map(
    ({ host, from }) => `meshtop declare-host ${host} -n ${from.split("/")[0] ?? ""}`,
  );
  return [...new Set(commands)].map((command) => `before it, to keep that reachable: ${command}`);
}

/** The objects as they are and as the server says that they would be. Empty where nothing was rehearsed. */
export function diffLines({ rehearsal }: Proposal): readonly string[] {
  return (rehearsal?.objects ?? []).flatMap(({ patch, before, after }) => [
    clean(nameOf(patch.ref)),
    ...yamlDiff(before?.json ?? null, after?.json ?? null).map((line) => `  ${diffText(line)}`),
  ]);
}

function weightLines(rows: readonly WeightRow[]): readonly string[] {
  const side = ({ weight, share }: WeightRow["before"]): string =>
    `${weight ?? "absent"} (${formatShare(share)})`;
  const names = Math.max(...rows.map(({ name }) => width(name)));
  const befores = Math.max(...rows.map(({ before }) => width(side(before))));
  return rows.map(
    ({ name, before, after }) =>
      `  ${pad(name, names)}  ${pad(side(before), befores, "right")}  ->  ${side(after)}`,
  );
}

function serverLines({ refusal, warnings }: Rehearsal): readonly string[] {
  return [
    ...warnings.map((warning) => `server warns: ${warning}`),
    refusal === null ? "server dry run: accepted" : `server dry run: refused (${refusal.is})`,
  ];
}

export interface Question {
  /** Without a line break at its end. */
  readonly text: string;
  /** Whether a typed line means yes. An empty one never does. */
  readonly accepts: (line: string) => boolean;
}

/** Where the dashboard asks for a second key, a line takes the name: two lines of `y` are typed without thinking. */
export function questionOf(plan: Pick<Plan, "grave" | "change">, level: Level, context: string): Question {
  const demand = demandOf(plan, level, context);
  if (demand.is === "key") {
    return { text: "apply? [y/N] ", accepts: (line) => /^y(es)?$/i.test(line) };
  }
  const named = demand.is === "name" ? demand : demandOf(plan, "protected", context);
  const names = named.is === "name" ? named.names : [context];
  const why = demand.is === "name" ? `context ${context} is protected` : "this is all or nothing";
  return {
    text: clean(`${why}; type ${names.toReversed().join(" or ")} to apply: `),
    accepts: (line) => line !== "" && names.includes(line),
  };
}
