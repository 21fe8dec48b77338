/** How much a mirror copies now and would copy, and what that does to its target. */
import { clean } from "../../data/mesh/clean.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { MirrorTarget, Rule } from "../../data/mesh/model/route.ts";
import { resolveHost } from "../../data/mesh/resolve/hosts.ts";
import type { MirrorChange } from "../change.ts";
import { sameRef } from "./held.ts";
import { shortHost } from "./planning.ts";

/** Sentences for a question, without a full stop: copies a second now, by target, what they become, and who does the work. */
export function loadWarnings(mesh: Mesh, change: MirrorChange): readonly string[] {
  const rule = ruleOf(mesh, change);
  const now = rule === null ? [] : [copiedNow(rule, change)];
  return [...now, ...copiedThen(rule, change), ...targetLoad(mesh, change)].map(clean);
}

function ruleOf({ services }: Mesh, { service, route, rule, protocol }: MirrorChange): Rule | null {
  const rules = services.find(({ key }) => key === service)?.detail.routes.flatMap((one) => one.rules) ?? [];
  return (
    rules.find((one) => sameRef(one.ref, route) && one.index === rule && one.protocol === protocol) ?? null
  );
}

/** The proxy of a target alone sees copies, and no label tells them: they are what it counts beyond its clients (istio.md 4.5). */
function copiedNow({ mirrors }: Rule, { route }: MirrorChange): string {
  if (mirrors.length === 0) return "nothing is mirrored by this rule now";
  const parts = mirrors.map((mirror) => {
    const { observed } = mirror;
    return `${observed === null ? "an amount that is not measured" : perSecond(observed)} to ${targetName(mirror, route.namespace ?? "")}`;
  });
  return `mirrored now: ${parts.join(", ")}`;
}

const targetName = ({ host, subset }: Pick<MirrorTarget, "host" | "subset">, namespace: string): string =>
  subset ?? shortHost(host, namespace);

/** Told only where what its destinations get is this rule's alone. */
function copiedThen(rule: Rule | null, { percent }: MirrorChange): readonly string[] {
  if (rule === null || percent === 0 || rule.note !== null) return [];
  const rates = rule.destinations.flatMap(({ traffic }) => traffic.requests?.rate ?? []);
  if (rates.length === 0) return [];
  const all = rates.reduce<number>((sum, rate) => sum + rate, 0);
  return [`${percent} % of the rule's ${perSecond(all)} are about ${perSecond((all * percent) / 100)}`];
}

const perSecond = (rate: number): string => `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;

function targetLoad(mesh: Mesh, { to, route, percent }: MirrorChange): readonly string[] {
  if (to === null || percent === 0) return [];
  const host = resolveHost(to.host, route.namespace ?? "");
  const target = mesh.services.find((service) => service.host === host);
  const subset = target?.subsets.find(({ name }) => name === to.subset);
  const { ready } = (to.subset === null ? target : subset)?.endpoints ?? { ready: 1 };
  const name = targetName({ host, subset: to.subset }, route.namespace ?? "");
  return [
    ...(ready === 0 ? [`there is no ready endpoint behind ${name}: copies go nowhere`] : []),
    `${name} does the work for each copy, side effects included; its breakers count them`,
  ];
}
