/** How a call is drawn and what its edge says. */
import { noTraffic, type Requests } from "../../data/mesh/traffic.ts";
import type { Tone } from "../paint/span.ts";
import type { Box, BoxKind, Call } from "./boxes.ts";
import type { Stroke } from "./canvas.ts";
import {
  bytesText,
  durationText,
  errorFigure,
  errorTone,
  failingPart,
  flowFigure,
  isIdle,
  isTcp,
  lockWord,
  partText,
  widths,
  type Figure,
} from "./numbers.ts";
import type { Ruling } from "./pens.ts";
import type { EdgeLabelChoice } from "./picture.ts";
import { shareOf } from "./sums.ts";

/** Cells that the labels of a choice need at most. */
export const labelWidths: Readonly<Record<EdgeLabelChoice, number>> = {
  rate: widths.bytes,
  errors: widths.errors,
  p95: widths.duration,
  bytes: widths.bytes,
  share: widths.share,
  lock: widths.lock,
};

/** The higher one shows where edges share a cell: trouble before the selection, the selection before the rest. */
const ranks: Readonly<Record<string, number>> = { bad: 6, warn: 5, tcp: 3, muted: 1 };
const selectedRank = 4;
const plainRank = 2;
const topRank = 7;

/** Why an edge stands out: it is selected, it was searched for, or it is one of the selected box; `null`: it does not. */
export type Attention = "selected" | "found" | "near" | null;

export function callStroke(call: Call, target: BoxKind | undefined, attention: Attention): Stroke {
  const tone = strokeTone(call, target);
  const rank = ranks[tone ?? ""] ?? plainRank;
  const ruling = rulingOf(call);
  if (attention === "selected") return { style: { tone: "accent", bold: true }, rank: topRank, ruling };
  if (attention === "found") return { style: { tone: "key" }, rank: Math.max(rank, selectedRank), ruling };
  const isSelected = attention === "near";
  const marked = isSelected ? { bold: true } : {};
  const style =
    isSelected && rank < selectedRank
      ? { tone: "accent" as const, ...marked }
      : tone === undefined
        ? marked
        : { tone, ...marked };
  return { style, rank: isSelected ? Math.max(rank, selectedRank) : rank, ruling };
}

/** By protocol, whatever the figures: trouble and selection are told by colour, and stay so. */
function rulingOf({ isMirrored, protocols }: Call): Ruling {
  if (isMirrored) return "dashed";
  return protocols.includes("grpc") ? "double" : "plain";
}

function strokeTone(call: Call, target: BoxKind | undefined): Tone | undefined {
  if (isIdle(call.traffic)) return "muted";
  if (target === "blackhole" || (call.lock.predicted === "broken" && call.lock.state !== "full"))
    return "bad";
  const errors = errorTone(failingPart(call.traffic) ?? 0);
  if (errors !== "good") return errors;
  return isTcp(call.traffic) ? "tcp" : undefined;
}

type Reading = (call: Call, caller: Box | undefined) => Figure | null;

const readings: Readonly<Record<EdgeLabelChoice, Reading>> = {
  lock: (call) => lockWord(call.lock),
  rate: (call) => toned(flowFigure(call.traffic), call),
  errors: (call) => (isTcp(call.traffic) ? cutOffFigure(call) : errorFigure(failingPart(call.traffic))),
  p95: ofRequests(({ p95 }, call) => (p95 === null ? null : toned(plainFigure(durationText(p95)), call))),
  bytes: ({ traffic: { connections } }) =>
    connections === null ? null : { text: bytesText(connections.received + connections.sent), tone: "tcp" },
  share: ofRequests((_, call, caller) => {
    const share = shareOf(call.traffic, caller?.outbound ?? noTraffic);
    return share === null ? null : toned(plainFigure(partText(share)), call);
  }),
};

/** `null`: nothing to say, the edge stays a plain line. */
export function callLabel(call: Call, caller: Box | undefined, choice: EdgeLabelChoice): Figure | null {
  const isSilent = isIdle(call.traffic) && choice !== "lock" && choice !== "rate";
  return isSilent ? null : readings[choice](call, caller);
}

/** TCP has no requests to read from, and says so. */
function ofRequests(
  read: (requests: Requests, call: Call, caller: Box | undefined) => Figure | null,
): Reading {
  return (call, caller) =>
    call.traffic.requests === null ? { text: "tcp", tone: "tcp" } : read(call.traffic.requests, call, caller);
}

/** A connection has no answer: it only says where it was cut off. */
function cutOffFigure({ traffic }: Call): Figure {
  const part = failingPart(traffic);
  return part === null ? { text: "tcp", tone: "tcp" } : errorFigure(part);
}

const plainFigure = (text: string): Figure => ({ text, tone: "title" });

/** In the tone of its errors: a rate on a red edge is red too. */
function toned(figure: Figure, call: Call): Figure {
  const errors = errorTone(failingPart(call.traffic) ?? 0);
  return errors === "good" ? figure : { ...figure, tone: errors };
}
