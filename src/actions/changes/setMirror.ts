import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Json } from "../../data/mesh/json.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { resolveHost } from "../../data/mesh/resolve/hosts.ts";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import type { Edit, Guard, MirrorChange, MirrorTo } from "../change.ts";
import type { Held } from "./held.ts";
import { notMeant, ruleIn } from "./meantRule.ts";
import { loadWarnings } from "./mirrorLoad.ts";
import { ownerOf, possibleOwners } from "./owners.ts";
import {
  doneAlready,
  editPatch,
  refuse,
  refuseGone,
  removeAt,
  setTo,
  staleness,
  type Action,
} from "./planning.ts";
import { isJsonArray, isJsonObject, pointer, valueAt, type JsonObject, type Pointer } from "./pointer.ts";
import { revertersOf } from "./reverters.ts";
import { isGatewayApi, rawRule, type RawRule } from "./routeObject.ts";

/** What a mirror takes, or why it can't be had. */
type Mirroring = Result<{ readonly edits: readonly Edit[]; readonly guards: readonly Guard[] }, string>;

/**
 * Copies a part of a rule's requests to another destination; the answers to copies are thrown away (istio.md 2.3). Off is 0 percent, which keeps
 * the target for the next time. Deprecated percentages go, because two of them in one rule would contradict each other.
 */
export const setMirror: Action<MirrorChange> = {
  kind: "mirror",
  title: "Mirror",

  needs: (mesh, { route, service }) => ({
    objects: [route, ...possibleOwners(mesh, route, service).map(({ ref }) => ref)],
    lists: [],
  }),

  plan(mesh, change, seen) {
    const held = seen.object(change.route);
    if (held === null) return refuseGone(change, change.route);
    const raw = rawRule(held, change.protocol, change.rule);
    const summary = summaryOf(change);
    if (raw === null)
      return refuse(change, summary, `the object has no rule ${change.rule + 1} any more: look again`);
    const against = blockersOf(mesh, change, raw);
    if (against.length > 0) return refuse(change, summary, ...against);
    const mirroring = isGatewayApi(held.ref)
      ? gatewayMirror(held, raw, change)
      : istioMirror(held, raw, change);
    if (!mirroring.ok) return refuse(change, summary, mirroring.error);
    const { edits, guards } = mirroring.value;
    if (edits.length === 0) return doneAlready(change, summary, "the mirror");
    const owner = ownerOf(held, raw, possibleOwners(mesh, change.route, change.service), seen);
    const managed = [owner.flagger?.held, owner.rollout].flatMap((one) =>
      one == null
        ? []
        : [`${nameOf(one.ref)} writes this route and may take the mirror away at its next step`],
    );
    const warnings = [...loadWarnings(mesh, change), ...staleness(mesh), ...revertersOf(held), ...managed];
    const patches = [editPatch(held, edits, [...raw.guards, ...guards])];
    return { ...refuse(change, summary), patches, warnings };
  },
};

function summaryOf({ service, rule, percent, to }: MirrorChange): string {
  const where = to === null ? "" : ` to ${to.subset ?? to.host}`;
  return clean(`mirror ${service}, rule ${rule + 1}: ${percent === 0 ? "off" : `${percent} %${where}`}`);
}

function blockersOf(mesh: Mesh, change: MirrorChange, raw: RawRule): readonly string[] {
  const { percent, protocol, to, route } = change;
  const another = notMeant(ruleIn(mesh, change), change, ({ mirrors }) => mirrors);
  if (another.length > 0) return another;
  if (!(percent >= 0 && percent <= 100)) return [`a percentage is from 0 to 100, and ${percent} is none`];
  if (protocol === "tcp" || protocol === "tls") return ["connections can't be mirrored, only HTTP requests"];
  if (raw.destinations.length === 0) return ["the rule routes nothing that could be mirrored"];
  return to === null || percent === 0 ? [] : targetProblems(mesh, to, route.namespace ?? "");
}

function targetProblems(mesh: Mesh, to: MirrorTo, namespace: string): readonly string[] {
  const host = resolveHost(to.host, namespace);
  const target = mesh.services.find((service) => service.host === host);
  if (target === undefined) return [`no Service and no ServiceEntry has the host ${clean(host)}`];
  if (to.subset === null || target.subsets.some(({ name }) => name === to.subset)) return [];
  return [`no DestinationRule that the callers see defines subset ${clean(to.subset)} of ${clean(host)}`];
}

const legacy = ["mirrorPercent", "mirror_percent"] as const;

/** `mirror`, or one of `mirrors`; the two together are refused by Istio's webhook. */
function istioMirror(held: Held, raw: RawRule, change: MirrorChange): Mirroring {
  const several = raw.json["mirrors"];
  const { path } = raw;
  if (isJsonArray(several) && several.length > 0) {
    const at = change.at ?? (several.length === 1 ? 0 : null);
    if (at === null) return fail(`the rule has ${several.length} mirrors: say which`);
    const item = pointer(path, "mirrors", at);
    const here = valueAt(held.json, pointer(item, "destination"));
    if (here === undefined) return fail(`the rule has no mirror ${at + 1}`);
    return ok(
      partsOf(held, change, {
        target: pointer(item, "destination"),
        percentage: pointer(item, "percentage"),
        here,
      }),
    );
  }
  const here = raw.json["mirror"];
  if (here === undefined && change.to === null) return fail(noTarget(change));
  const place = { target: pointer(path, "mirror"), percentage: pointer(path, "mirrorPercentage"), here };
  const { edits, guards } = partsOf(held, change, place);
  return ok({
    guards,
    edits: [...edits, ...legacy.flatMap((field) => removeAt(held, pointer(path, field)))],
  });
}

const noTarget = ({ percent }: MirrorChange): string =>
  percent === 0
    ? "the rule has no mirror to switch off"
    : "the rule has no mirror yet: say where the copies go";

interface Place {
  readonly target: Pointer;
  readonly percentage: Pointer;
  /** The target that is there. */
  readonly here: Json | undefined;
}

function partsOf(
  held: Held,
  { to, percent }: MirrorChange,
  { target, percentage, here }: Place,
): { readonly edits: readonly Edit[]; readonly guards: readonly Guard[] } {
  const part = isJsonObject(valueAt(held.json, percentage))
    ? setTo(held, pointer(percentage, "value"), percent)
    : setTo(held, percentage, { value: percent });
  const moved = to === null ? [] : setTo(held, target, istioTarget(to));
  return { edits: [...moved, ...part], guards: staying(target, here, moved) };
}

/** A percentage is that of its target: mirrors move in their list. */
const staying = (path: Pointer, here: Json | undefined, moved: readonly Edit[]): readonly Guard[] =>
  here === undefined || moved.length > 0 ? [] : [{ path, value: here }];

function istioTarget({ host, subset, port }: MirrorTo): JsonObject {
  return {
    host,
    ...(subset === null ? {} : { subset }),
    ...(port === null ? {} : { port: { number: port } }),
  };
}

/** A `RequestMirror` filter. */
function gatewayMirror(held: Held, raw: RawRule, change: MirrorChange): Mirroring {
  if (change.to !== null && change.to.subset !== null)
    return fail("Gateway API knows no subsets: name a Service");
  const filters = raw.json["filters"];
  const list = isJsonArray(filters) ? filters : [];
  const places = list.flatMap((filter, i) => (valueAt(filter, "/type") === "RequestMirror" ? [i] : []));
  if (places.length === 0) return newFilter(raw, change, list.length, filters === undefined);
  const index = change.at ?? (places.length === 1 ? places[0] : undefined);
  if (index === undefined) return fail(`the rule has ${places.length} mirrors: say which`);
  if (!places.includes(index)) return fail(`filter ${index + 1} of the rule is no mirror`);
  const base = pointer(raw.path, "filters", index, "requestMirror");
  const here = valueAt(held.json, pointer(base, "backendRef"));
  const path = pointer(base, "backendRef");
  const target = change.to === null ? [] : setTo(held, path, backendRef(change.to));
  return ok({
    guards: staying(path, here, target),
    edits: [...target, ...percentEdits(held, base, change.percent)],
  });
}

/** `percent` holds whole numbers; the rest is a `fraction`. The two exclude each other. */
function percentEdits(held: Held, base: Pointer, percent: number): readonly Edit[] {
  const [own, other] = Number.isInteger(percent)
    ? (["percent", "fraction"] as const)
    : (["fraction", "percent"] as const);
  return [
    ...removeAt(held, pointer(base, other)),
    ...setTo(held, pointer(base, own), Number.isInteger(percent) ? percent : fractionOf(percent)),
  ];
}

const fractionOf = (percent: number): JsonObject => ({
  numerator: Math.round(percent * 10_000),
  denominator: 1_000_000,
});

function newFilter(raw: RawRule, change: MirrorChange, length: number, absent: boolean): Mirroring {
  const { to, percent } = change;
  if (to === null) return fail(noTarget(change));
  const part: JsonObject = Number.isInteger(percent) ? { percent } : { fraction: fractionOf(percent) };
  const filter = { type: "RequestMirror", requestMirror: { backendRef: backendRef(to), ...part } };
  const path = pointer(raw.path, "filters");
  const edit: Edit = absent
    ? { op: "add", path, now: [filter] }
    : { op: "add", path: pointer(path, length), now: filter };
  return ok({ guards: [], edits: [edit] });
}

/** `name`, `name.namespace` or the full name of a Service, which is the kind where none is named. */
function backendRef({ host, port }: MirrorTo): JsonObject {
  const [name = host, namespace] = host.split(".");
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(port === null ? {} : { port }),
  };
}
