/** The editor of a rule's mirror. */
import type { MirrorTo } from "../../actions/change.ts";
import { meantBy } from "../../actions/changes/meantRule.ts";
import { isGatewayApi } from "../../actions/changes/routeObject.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { MirrorTarget, Rule } from "../../data/mesh/model/route.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { percent as percentOf } from "../../data/mesh/units.ts";
import { formatRate, formatShare } from "../columns/format.ts";
import type { MirrorEditor, Wish } from "./steering.ts";
import type { AtRule } from "./trafficRow.ts";

type Target = MirrorEditor["targets"][number];

/** An editor on a rule, with what is mirrored now; a sentence where there is nothing to copy to. */
export function mirrorEditor(mesh: Mesh, { service, rule }: AtRule): MirrorEditor | string {
  const { ref: route, protocol, index, mirrors } = rule;
  const here = mirrors.map((mirror): Target => ({ name: targetName(mirror, service), to: null }));
  // An object with a list of mirrors takes no other one beside it from us.
  const others = mirrors.length > 1 ? [] : newTargets(mesh, service, rule);
  const targets = [...here, ...others.filter(({ name }) => here.every((one) => one.name !== name))];
  if (targets.length === 0)
    return `Nothing could get copies: ${service.key} has no subset, and no other Service is there.`;
  const editor: MirrorEditor = {
    is: "mirror",
    of: { service: service.key, route, protocol, rule: index, meant: meantBy(rule, mirrors) },
    at: null,
    targets,
    target: 0,
    percent: percentNow(mirrors, 0),
    typed: "",
    now: nowWords(mirrors, service),
  };
  return mirrors.length > 1 ? { ...editor, at: 0 } : editor;
}

const targetName = ({ service, subset, host }: MirrorTarget, own: Service): string =>
  clean(
    service === own.key && subset !== null
      ? subset
      : `${service ?? host}${subset === null ? "" : ` ${subset}`}`,
  );

/** Subsets of the service that the rule is about; Gateway API has none, so there it is the other Services of its namespace. */
function newTargets(mesh: Mesh, service: Service, { ref }: Rule): readonly Target[] {
  if (!isGatewayApi(ref))
    return service.subsets.map(({ name }) => ({
      name: clean(name),
      to: { host: service.host, subset: name, port: null },
    }));
  return mesh.services
    .filter(
      ({ key, kind, namespace }) => kind === "service" && key !== service.key && namespace === ref.namespace,
    )
    .map(({ name, ports }): Target => {
      const to: MirrorTo = { host: name, subset: null, port: ports[0]?.port ?? null };
      return { name: clean(name), to };
    });
}

function nowWords(mirrors: readonly MirrorTarget[], service: Service): string {
  if (mirrors.length === 0) return "nothing is mirrored";
  return mirrors
    .map((mirror) => {
      const copies = mirror.observed === null ? "" : `, ${formatRate(mirror.observed)} copies`;
      return `${formatShare(mirror.percent)} to ${targetName(mirror, service)}${copies}`;
    })
    .join("; ");
}

const percentNow = (mirrors: readonly MirrorTarget[], at: number): MirrorEditor["percent"] =>
  percentOf((mirrors[at]?.percent ?? 0) * 100);

/** To another target. Several mirrors are edited one at a time, and each keeps its percent. */
export function toTarget(editor: MirrorEditor, by: number): MirrorEditor {
  const target = Math.max(0, Math.min(editor.target + by, editor.targets.length - 1));
  return { ...editor, target, at: editor.at === null ? null : target };
}

const within = (value: number): MirrorEditor["percent"] => percentOf(Math.max(0, Math.min(100, value)));

export function percentStepped(editor: MirrorEditor, by: number): MirrorEditor {
  return { ...editor, percent: within(editor.percent + by), typed: "" };
}

/** 0 switches the mirror off, and keeps its target. */
export function percentTyped(editor: MirrorEditor, digit: number): MirrorEditor {
  const typed = `${editor.typed}${digit}`.slice(0, 3);
  return { ...editor, typed, percent: within(Number(typed)) };
}

export function percentErased(editor: MirrorEditor): MirrorEditor {
  const typed = editor.typed.slice(0, -1);
  return { ...editor, typed, percent: within(Number(typed)) };
}

/** What enter asks for; a sentence where there is nothing to ask. */
export function mirrorWish({ of, at, targets, target, percent }: MirrorEditor): Wish | string {
  const to = targets[target]?.to ?? null;
  if (to !== null && percent === 0) return "How much? Digits, + and - set the percentage that is copied.";
  return { is: "change", change: { kind: "mirror", ...of, at, percent, to } };
}
