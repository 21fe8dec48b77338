/** What is under the cursor of the graph in full: six lines below the picture. */
import { clean } from "../../data/mesh/clean.ts";
import { findingsByService } from "../../data/mesh/checks/findingsOf.ts";
import type { ServiceKey } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Lock } from "../../data/mesh/model/security.ts";
import type { Traffic } from "../../data/mesh/traffic.ts";
import { severityTones } from "../columns/checks.ts";
import { formatBytes, formatMillis, formatRate, formatRatio } from "../columns/format.ts";
import { answerWord } from "../columns/grpcStatuses.ts";
import { flagMeaning } from "../columns/responseFlags.ts";
import { rateOrder, rateWord } from "../columns/words.ts";
import { span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import type { Box, BoxKind, Call, Picture } from "./boxes.ts";
import type { Changes } from "./changes.ts";
import { errorFigure, failingPart, flowFigure, lockWord, partText } from "./numbers.ts";
import type { PictureKey } from "./picture.ts";
import { pictureIndexOf } from "./pictureIndex.ts";
import { shareOf } from "./sums.ts";

/** Lines of a panel, without the rule above it. */
export const panelLines = 6;

/** What a panel may look at. */
export interface PanelScene {
  readonly picture: Picture;
  readonly changes: Changes;
  readonly mesh: Mesh;
  /** Boxes and calls that are left out of the picture. */
  readonly hidden: number;
}

/** Of the box or the call with this key; empty where there is none. */
export function panelOf(key: PictureKey | null, scene: PanelScene): readonly Line[] {
  const { boxes, calls } = pictureIndexOf(scene.picture);
  const box = boxes.get(key ?? "");
  if (box !== undefined) return boxPanel(box, scene);
  const call = calls.get(key ?? "");
  return call === undefined ? [] : callPanel(call, scene);
}

const kindWords: Readonly<Record<BoxKind, string>> = {
  service: "service",
  workload: "workload",
  app: "app",
  external: "host outside, in the registry",
  passthrough: "host outside that no ServiceEntry names",
  blackhole: "blocked: no ServiceEntry names it",
  unknown: "whoever calls without a proxy",
};

function boxPanel(box: Box, scene: PanelScene): readonly Line[] {
  const { changes } = scene;
  return [
    fact("", [span(box.title, "title"), span(`  ${aboutBox(box)}`, "muted"), ...changed(changes, box.key)]),
    fact("rate", trafficSpans(box.traffic, box.lock)),
    fact("answers", answerSpans(box.traffic)),
    fact("callers", neighbourSpans(scene, box, "to")),
    fact("calls", neighbourSpans(scene, box, "from")),
    fact("found", foundSpans(box.services, scene)),
  ];
}

function aboutBox({ kind, namespace, isRoot, isOutside, state, workloads }: Box): string {
  const isOurs = kind === "service" || kind === "workload" || kind === "app";
  return [
    isOurs ? `${kindWords[kind]} in ${clean(namespace)}` : kindWords[kind],
    ...(isOurs && workloads.length > 1 ? [`${workloads.length} workloads`] : []),
    ...(isRoot ? ["root: nobody calls it"] : []),
    ...(isOurs && isOutside ? ["another namespace"] : []),
    ...(state === "dead" ? [kind === "service" ? "dead: no endpoint" : "dead: no pod"] : []),
  ].join(", ");
}

function callPanel(call: Call, scene: PanelScene): readonly Line[] {
  const { picture, changes, mesh } = scene;
  const { boxes } = pictureIndexOf(picture);
  const from = boxes.get(call.from);
  const share = from === undefined || call.isMirrored ? null : shareOf(call.traffic, from.outbound);
  const part =
    share === null ? [] : [span(`  ${partText(share)} of what ${from?.title ?? ""} sends`, "muted")];
  return [
    fact("", [
      span(`${from?.title ?? call.from} to ${boxes.get(call.to)?.title ?? call.to}`, "title"),
      span("  "),
      ...protocolSpans(call),
      span(call.isMirrored ? ", mirrored copies only" : "", "muted"),
      ...changed(changes, call.key),
    ]),
    fact("rate", [...trafficSpans(call.traffic, null), ...part]),
    fact("answers", answerSpans(call.traffic)),
    fact("mTLS", lockSpans(call.lock)),
    fact("hosts", [span(hostsOf(call, mesh).join("  "))]),
    fact("found", foundSpans(call.through.map(keyOfService), scene)),
  ];
}

/** `grpc`; of several `grpc 3.0/s 12 %, http 5.0/s ok`: one edge on the picture, and not one thing. */
function protocolSpans({ protocols, parts }: Call): Line {
  if (parts.length === 0) return [span(protocols.join(", "), "muted")];
  return parts.flatMap(({ protocol, traffic }, at): readonly Span[] => {
    const flow = flowFigure(traffic);
    const failing = failingPart(traffic);
    const errors = failing === null ? [] : [errorFigure(failing)];
    return [
      span(`${at === 0 ? "" : ", "}${protocol} `, "muted"),
      span(flow.text, flow.tone),
      ...errors.map(({ text, tone }) => span(` ${text}`, tone)),
    ];
  });
}

const keyOfService = (id: string): string => id.replace(/^service:/, "");

/** What the checks say of these services and of what decides over their traffic, the worst first. */
function foundSpans(services: readonly ServiceKey[], { mesh }: PanelScene): Line {
  const found = new Set(services.flatMap((key) => findingsByService(mesh).get(key) ?? []));
  if (found.size === 0) return [span("nothing", "muted")];
  return [...found].flatMap(({ code, severity, message }): readonly Span[] => [
    span(`${code} ${severity} `, severityTones[severity]),
    span(`${message}   `),
  ]);
}

/** Cells of the labels. */
const labelCells = 9;

const fact = (label: string, value: Line): Line =>
  label === "" ? [{ text: " " }, ...value] : [span(` ${label.padEnd(labelCells)}`, "muted"), ...value];

const changed = ({ of }: Changes, key: PictureKey): readonly Span[] => {
  const words = of.get(key) ?? [];
  return words.length === 0 ? [] : [{ text: "  " }, span(words.join(", "), "changed")];
};

function trafficSpans({ requests, connections }: Traffic, lock: Lock | null): Line {
  if (requests === null && connections === null) return [span("no traffic in the window", "muted")];
  const spans: Span[] = [];
  if (requests !== null) {
    const errors = errorFigure(requests.errors);
    spans.push(
      span(formatRate(requests.rate), "title"),
      span("  errors ", "muted"),
      span(errors.text, errors.tone),
    );
    for (const name of ["p50", "p95", "p99"] as const)
      spans.push(span(`  ${name} `, "muted"), span(formatMillis(requests[name])));
  }
  if (connections !== null) {
    const gap = requests === null ? "" : "  ";
    const bytes = `${formatBytes(connections.received)} in, ${formatBytes(connections.sent)} out`;
    spans.push(span(`${gap}${bytes}`, "tcp"), span(`  ${formatRate(connections.opened)} opened`, "muted"));
  }
  if (lock === null) return spans;
  const word = lockWord(lock);
  return [...spans, span("  lock ", "muted"), span(word.text, word.tone)];
}

/** Codes that were no plain success, and Envoy's flags with what they mean. */
function answerSpans({ requests, connections }: Traffic): Line {
  if (requests === null && connections === null) return [span("none", "muted")];
  const codes = Object.entries(requests?.codes ?? {}).filter(([, rate]) => rate > 0);
  const flags = Object.entries({ ...requests?.flags, ...connections?.flags }).filter(([, rate]) => rate > 0);
  const byRate = (a: readonly [string, number], b: readonly [string, number]): number => b[1] - a[1];
  const spans = [
    ...codes
      .sort(byRate)
      .flatMap(([code, rate]) => [span(answerWord(code), "bad"), span(` ${formatRate(rate)}  `)]),
    ...flags.sort(byRate).flatMap(([flag, rate]) => {
      const meaning = flagMeaning(flag);
      return [
        span(clean(flag), "warn"),
        span(` ${formatRate(rate)}`),
        span(meaning === null ? "  " : ` (${meaning})  `, "muted"),
      ];
    }),
  ];
  if (spans.length > 0) return spans;
  const isUnknown = requests !== null && requests.codes === null;
  return [span(isUnknown ? "nobody measured codes" : "all well", "muted")];
}

const predictions = {
  mtls: "mTLS",
  plaintext: "plain text",
  broken: "no connection: the two sides differ",
} as const;

function lockSpans(lock: Lock): Line {
  const word = lockWord(lock);
  const seen = {
    full: "all of it encrypted",
    partial: lock.mtls === null ? "some in plain text" : `${formatRatio(lock.mtls)} encrypted`,
    none: "plain text",
    unknown: "nobody saw",
  }[lock.state];
  const predicted = lock.predicted === null ? "nothing certain" : predictions[lock.predicted];
  return [span(word.text, word.tone), span(`  ${seen}; configured: ${predicted}`)];
}

/** Callers or callees with their rates, the busiest first; copies are named so. */
function neighbourSpans({ picture, hidden }: PanelScene, box: Box, end: "from" | "to"): Line {
  const { boxes, callsAt } = pictureIndexOf(picture);
  const other = end === "from" ? "to" : "from";
  const own = callsAt(box.key).filter((call) => call[end] === box.key);
  if (own.length === 0)
    return [span(hidden > 0 && !(end === "to" && box.isRoot) ? "nobody that is shown" : "nobody", "muted")];
  return [...own]
    .sort((a, b) => (rateOrder(b.traffic) ?? -2) - (rateOrder(a.traffic) ?? -2))
    .flatMap((call): readonly Span[] => {
      const { errors } = call.traffic.requests ?? { errors: null };
      const figure = errorFigure(errors);
      return [
        span(boxes.get(call[other])?.title ?? call[other]),
        span(` ${rateWord(call.traffic)}${call.isMirrored ? " mirrored" : ""}`, "muted"),
        ...(errors !== null && errors > 0 ? [span(` ${figure.text}`, figure.tone)] : []),
        { text: "   " },
      ];
    });
}

/** Names that were asked for, in full. */
function hostsOf({ through }: Call, mesh: Mesh): readonly string[] {
  const services = new Map(mesh.services.map(({ key, host }) => [`service:${key}`, host]));
  return through.map((id) => clean(services.get(id) ?? id.replace(/^[a-z]+:/, "")));
}
