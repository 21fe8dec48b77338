/** Rows of the traffic view that stand for a destination: the view makes their keys, the editors find what they mean. */
import { sameRef } from "../../actions/changes/held.ts";
import type { ServiceKey } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Destination, Rule } from "../../data/mesh/model/route.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import { placeOf } from "./content.ts";
import type { Situation } from "./situation.ts";
import { currentPage, type UiState } from "./uiState.ts";

/** The key of a destination's row. */
export function destinationKey(rule: Rule, { index }: Pick<Destination, "index">): string {
  const { kind, namespace, name } = rule.ref;
  return `route:${kind}/${namespace ?? ""}/${name}/${rule.protocol}/${rule.index}/${index}`;
}

/** A rule of a service, and the destination that is meant. */
export interface AtRule {
  readonly service: Service;
  readonly rule: Rule;
  /** Index in its destinations. */
  readonly row: number;
}

/** Which rules something can be done to, and what is said of the others. */
export interface RuleNeed {
  readonly fits: (rule: Rule) => boolean;
  /** The key, for the sentence that asks to choose a rule. */
  readonly key: string;
  readonly whyNot: (rule: Rule) => string;
  readonly none: (service: Service) => string;
}

/** Weights can be shifted between two or more destinations. */
export const weighted: RuleNeed = {
  fits: ({ instead, destinations }) => instead === null && destinations.length > 1,
  key: "w",
  whyNot: ({ index }) =>
    `Rule ${index + 1} has one destination, which gets everything: there is nothing to shift.`,
  none: ({ key }) => `No rule of ${key} has several destinations to shift between.`,
};

/** Requests can be copied, connections can't. */
export const mirrored: RuleNeed = {
  fits: ({ instead, destinations, protocol }) =>
    instead === null && destinations.length > 0 && (protocol === "http" || protocol === "grpc"),
  key: "m",
  whyNot: ({ index, protocol }) =>
    `Rule ${index + 1} is for ${protocol}: connections can't be mirrored, only HTTP requests.`,
  none: ({ key }) => `No rule of ${key} routes HTTP requests that could be mirrored.`,
};

/** Each rule once: one object can decide in several places. */
function rulesOf({ detail }: Service): readonly Rule[] {
  const rules = detail.routes.flatMap((route) => route.rules);
  const same = (a: Rule, b: Rule): boolean =>
    sameRef(a.ref, b.ref) && a.index === b.index && a.protocol === b.protocol;
  return rules.filter((rule, i) => rules.findIndex((other) => same(rule, other)) === i);
}

/** What is under the cursor: a service by its own row, or that of the traffic page. */
export function serviceUnderCursor(state: UiState, { mesh, selected }: Situation): Service | null {
  const page = currentPage(state);
  const key = page.view === "traffic" ? page.subject?.key : serviceKeyOf(selected, mesh);
  return mesh.services.find((service) => service.key === key) ?? null;
}

function serviceKeyOf(selected: Situation["selected"], mesh: Mesh): ServiceKey | null {
  if (selected?.is === "service") return selected.key;
  if (selected?.is === "workload")
    return mesh.services.find(({ workloads }) => workloads.includes(selected.key))?.key ?? null;
  if (selected?.is !== "canary") return null;
  const canary = mesh.canaries.find(({ key }) => key === selected.key);
  return canary === undefined ? null : `${canary.ref.namespace ?? ""}/${canary.apex}`;
}

export type NoRule = { readonly why: string; readonly goTo: Service | null };

/** The rule that is meant; an error says why there is none, and where to choose one. */
export function ruleUnderCursor(state: UiState, context: Situation, need: RuleNeed): Result<AtRule, NoRule> {
  const service = serviceUnderCursor(state, context);
  if (service === null) return fail({ why: "The cursor is on no service.", goTo: null });
  const page = currentPage(state);
  const key = page.view === "traffic" ? placeOf(page, context.content, context.rows).key : null;
  const rules = rulesOf(service);
  for (const rule of rules) {
    const row = rule.destinations.findIndex((one) => destinationKey(rule, one) === key);
    if (row < 0) continue;
    return need.fits(rule) ? ok({ service, rule, row }) : fail({ why: need.whyNot(rule), goTo: null });
  }
  const [only, second] = rules.filter(need.fits);
  if (only === undefined) return fail({ why: need.none(service), goTo: null });
  if (second === undefined) return ok({ service, rule: only, row: worst(only) });
  const goTo = page.view === "traffic" ? null : service;
  return fail({
    why: `${service.key} has several rules: put the cursor on one and press ${need.key}.`,
    goTo,
  });
}

/** The destination that one would take traffic off. */
function worst({ destinations }: Rule): number {
  const trouble = destinations.map(({ traffic, problem }): number =>
    problem === null ? (traffic.requests?.errors ?? 0) : 2,
  );
  return Math.max(0, trouble.indexOf(Math.max(...trouble)));
}
