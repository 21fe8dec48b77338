/** What an expression may ask of a box and of a call. */
import type { Traffic } from "../../../data/mesh/traffic.ts";
import type { Box, Call } from "../boxes.ts";
import { grpcStatusName } from "../../columns/grpcStatuses.ts";
import { errorTone, isIdle, failingPart } from "../numbers.ts";
import { shareOf } from "../sums.ts";
import type { Quantity } from "./quantity.ts";

/** A box or a call of the picture, with what has to be known around it. */
export type Element = { readonly isChanged: boolean; readonly asks: Asking } & (
  | { readonly is: "box"; readonly box: Box }
  | {
      readonly is: "call";
      readonly call: Call;
      readonly from: Box | undefined;
      readonly to: Box | undefined;
    }
);

/** `structure`: only what stays while figures change is looked at, and nothing can be said of the rest. */
export type Asking = "all" | "structure";

/** `null`: an element of this kind has no such thing, or nobody measured it. Nothing is then said of it, and not the opposite either. */
interface NumberField {
  readonly of: Quantity;
  /** Another one at each refresh, without anything in the mesh having changed. */
  readonly isFigure: boolean;
  readonly read: (element: Element) => number | null;
}

/** Any of the texts may match. */
interface TextField {
  readonly of: "text";
  readonly isFigure: boolean;
  readonly read: (element: Element) => readonly string[] | null;
}

export type Field = NumberField | TextField;

const trafficOf = (element: Element): Traffic =>
  element.is === "box" ? element.box.traffic : element.call.traffic;

const ofBox =
  (read: (box: Box) => readonly string[]): TextField["read"] =>
  (element) =>
    element.is === "box" ? read(element.box) : null;

const ofCall =
  (read: (call: Call, ends: Extract<Element, { is: "call" }>) => readonly string[]): TextField["read"] =>
  (element) =>
    element.is === "call" ? read(element.call, element) : null;

const requests =
  (read: (of: NonNullable<Traffic["requests"]>) => number | null): NumberField["read"] =>
  (element) => {
    const { requests: of } = trafficOf(element);
    return of === null ? null : read(of);
  };

/** Silence is a rate of 0: nobody asks for idle edges by `rate < 1` in vain. */
const rate: NumberField["read"] = (element) => {
  const { requests: http, connections } = trafficOf(element);
  if (http !== null) return http.rate;
  return connections === null ? 0 : connections.opened;
};

const bytes: NumberField["read"] = (element) => {
  const { connections } = trafficOf(element);
  return connections === null ? null : connections.received + connections.sent;
};

const share: NumberField["read"] = (element) => {
  if (element.is === "box" || element.from === undefined || element.call.isMirrored) return null;
  const part = shareOf(element.call.traffic, element.from.outbound);
  return part === null ? null : part * 100;
};

/** A split that has a version with this weight: the smallest of them. */
const weight: NumberField["read"] = (element) => {
  if (element.is === "call") return null;
  const weights = element.box.versions.flatMap((version) => version.weight ?? []);
  return weights.length === 0 ? null : Math.min(...weights);
};

const error: NumberField["read"] = requests(({ errors }) => (errors === null ? null : errors * 100));

const names = ({ title, names: all }: Box): readonly string[] => [title, ...all];

const ends = (box: Box | undefined): readonly string[] => (box === undefined ? [] : names(box));

const keysOf = (rates: Readonly<Record<string, number>> | null | undefined): readonly string[] =>
  Object.entries(rates ?? {}).flatMap(([name, value]) => (value > 0 ? [name] : []));

/** A gRPC status by its name too. */
const codes = (traffic: Traffic): readonly string[] =>
  keysOf(traffic.requests?.codes).flatMap((code) => [code, grpcStatusName(code) ?? code]);

const flags = (traffic: Traffic): readonly string[] => [
  ...keysOf(traffic.requests?.flags),
  ...keysOf(traffic.connections?.flags),
];

const lock: TextField["read"] = (element) => {
  const { lock: it } = element.is === "box" ? element.box : element.call;
  if (it === null) return null;
  return it.predicted === "broken" ? [it.state, "broken"] : [it.state];
};

const protocols: TextField["read"] = (element) =>
  element.is === "call" ? element.call.protocols : element.box.protocols;

const fields: Readonly<Record<string, Field>> = {
  rate: { of: "rate", isFigure: true, read: rate },
  error: { of: "percent", isFigure: true, read: error },
  p50: { of: "duration", isFigure: true, read: requests(({ p50 }) => p50) },
  p95: { of: "duration", isFigure: true, read: requests(({ p95 }) => p95) },
  p99: { of: "duration", isFigure: true, read: requests(({ p99 }) => p99) },
  bytes: { of: "bytes", isFigure: true, read: bytes },
  share: { of: "percent", isFigure: true, read: share },
  weight: { of: "count", isFigure: false, read: weight },
  name: { of: "text", isFigure: false, read: ofBox(names) },
  ns: { of: "text", isFigure: false, read: ofBox((box) => [box.namespace]) },
  version: { of: "text", isFigure: false, read: ofBox(({ versions }) => versions.map(({ name }) => name)) },
  kind: { of: "text", isFigure: false, read: ofBox((box) => [box.kind]) },
  from: { of: "text", isFigure: false, read: ofCall((_, { from }) => ends(from)) },
  to: { of: "text", isFigure: false, read: ofCall((_, { to }) => ends(to)) },
  protocol: { of: "text", isFigure: false, read: protocols },
  lock: { of: "text", isFigure: true, read: lock },
  code: { of: "text", isFigure: true, read: (element) => codes(trafficOf(element)) },
  flag: { of: "text", isFigure: true, read: (element) => flags(trafficOf(element)) },
};

const otherNames: Readonly<Record<string, string>> = {
  errors: "error",
  err: "error",
  namespace: "ns",
  codes: "code",
  flags: "flag",
  latency: "p95",
  mtls: "lock",
};

export function fieldNamed(name: string): Field | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(fields, lower) ? fields[lower] : fields[otherNames[lower] ?? ""];
}

export const fieldNames: readonly string[] = Object.keys(fields);

/** `null`: elements of this kind are neither. */
type Flag = (element: Element) => boolean | null;

/** Nothing is said of it where only the structure is asked for. */
const figure =
  (flag: Flag): Flag =>
  (element) =>
    element.asks === "structure" ? null : flag(element);

const boxFlag =
  (read: (box: Box) => boolean): Flag =>
  (element) =>
    element.is === "box" ? read(element.box) : null;

const callFlag =
  (read: (call: Call) => boolean): Flag =>
  (element) =>
    element.is === "call" ? read(element.call) : null;

const hasBadge = (texts: readonly string[]): Flag =>
  boxFlag(({ badges }) => badges.some(({ text }) => texts.includes(text)));

const speaks =
  (protocol: string): Flag =>
  (element) =>
    protocols(element)?.includes(protocol) ?? null;

const flagTable: Readonly<Record<string, Flag>> = {
  idle: (element) => isIdle(trafficOf(element)),
  dead: boxFlag(({ state }) => state === "dead"),
  root: boxFlag(({ isRoot }) => isRoot),
  outside: boxFlag(({ isOutside }) => isOutside),
  mirrored: callFlag(({ isMirrored }) => isMirrored),
  http: speaks("http"),
  grpc: speaks("grpc"),
  tcp: speaks("tcp"),
  failing: figure((element) => errorTone(failingPart(trafficOf(element)) ?? 0) !== "good"),
  breaker: hasBadge(["cb", "TRIP", "EJECT"]),
  tripping: figure(hasBadge(["TRIP", "EJECT"])),
  fault: hasBadge(["fault"]),
  finding: boxFlag(({ badges }) => badges.some(({ text }) => text.startsWith("!"))),
  canary: hasBadge(["canary", "canary paused", "canary failed"]),
  changed: figure(({ isChanged }) => isChanged),
};

export function flagNamed(name: string): Flag | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(flagTable, lower) ? flagTable[lower] : undefined;
}

export const flagNames: readonly string[] = Object.keys(flagTable);
