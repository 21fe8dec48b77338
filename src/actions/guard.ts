/** How hard a context makes it to write, and what a question asks for before it believes a yes (terminal-tools.md 6.5). */
import type { Instant } from "../data/mesh/units.ts";
import type { Plan } from "./change.ts";

/** `read-only`: only after arming. `protected`: a name is typed. `open`: a key. */
export type Level = "read-only" | "protected" | "open";

export interface LevelRule {
  /** Names of kubeconfig contexts that it is for. */
  readonly context: RegExp;
  readonly level: Level;
}

/** The first rule that fits. Without one, a name with `prod` in it is protected, and the others are open. */
export function levelOf(context: string, rules: readonly LevelRule[]): Level {
  const rule = rules.find((one) => one.context.test(context));
  return rule?.level ?? (/prod/i.test(context) ? "protected" : "open");
}

/** What counts as a yes. */
export type Demand =
  /** `y`. */
  | { readonly is: "key" }
  /** `y`, and after another sentence `Y`. */
  | { readonly is: "twice" }
  /** One of these, typed out and ended with enter. */
  | { readonly is: "name"; readonly names: readonly string[] };

/** A context that was armed is protected as long as that lasts. @param context as the kubeconfig names it. */
export function demandOf(plan: Pick<Plan, "grave" | "change">, level: Level, context: string): Demand {
  if (level !== "open") return { is: "name", names: [context, ...servicesIn(plan)] };
  return plan.grave ? { is: "twice" } : { is: "key" };
}

function servicesIn({ change }: Pick<Plan, "change">): readonly string[] {
  if (change.kind !== "shift" && change.kind !== "mirror") return [];
  return [change.service.slice(change.service.indexOf("/") + 1)];
}

/** Whether anything may be written now. @param armed until when; `null`: it is not. */
export function mayWrite(level: Level, armed: Instant | null, now: Instant): boolean {
  return level !== "read-only" || (armed !== null && now < armed);
}
