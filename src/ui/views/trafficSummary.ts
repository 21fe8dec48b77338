import type { Service } from "../../data/mesh/model/service.ts";
import { formatBytes, formatMillis, formatRate, formatRatio } from "../columns/format.ts";
import {
  breakerTones,
  breakerWords,
  codeWords,
  errorTone,
  flagWords,
  lockTone,
  lockWord,
} from "../columns/words.ts";
import { span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import { callerWords } from "./callers.ts";
import { gutter } from "./tableContent.ts";
import type { ViewInput } from "./view.ts";

const pad: Span = { text: " ".repeat(gutter) };
const gap: Span = { text: "  " };

/** A label and its value, two spaces after it. */
function fact(label: string, value: Span): readonly Span[] {
  return [span(`${label} `, "muted"), value, gap];
}

/** The service in numbers, what went wrong by flag and code, and who calls. */
export function summaryLines(service: Service, input: ViewInput): readonly Line[] {
  return [numbers(service), health(service), ...failures(service), ...callers(service, input)];
}

/** Requests count where they end, and those for a canary's apex end at its primary. */
const sentOn = "None of its traffic ends at this service: its rules send it to others.";

const sendsOn = ({ key, detail }: Service): boolean =>
  detail.routes.some(({ rules }) =>
    rules.some(({ destinations }) =>
      destinations.some(
        ({ service, traffic: { requests, connections } }) =>
          service !== key && (requests !== null || connections !== null),
      ),
    ),
  );

function numbers(service: Service): Line {
  const { requests, connections } = service.traffic;
  if (requests === null && connections === null)
    return [pad, span(sendsOn(service) ? sentOn : "No traffic to this service in the window.", "muted")];
  const http =
    requests === null
      ? []
      : [
          span(formatRate(requests.rate), "title"),
          gap,
          ...fact("err", span(formatRatio(requests.errors), errorTone(requests.errors))),
          ...fact("p50", span(formatMillis(requests.p50))),
          ...fact("p95", span(formatMillis(requests.p95))),
          ...fact("p99", span(formatMillis(requests.p99))),
        ];
  const tcp =
    connections === null
      ? []
      : [
          ...fact("tcp", span(`${formatRate(connections.opened)} opened`, "tcp")),
          ...fact("in", span(formatBytes(connections.received))),
          ...fact("out", span(formatBytes(connections.sent))),
        ];
  return [pad, ...http, ...tcp];
}

function health(service: Service): Line {
  const { ready, total } = service.endpoints;
  const { verdict } = service.breaker;
  return [
    pad,
    ...fact("mTLS", span(lockWord(service.lock), lockTone(service.lock))),
    ...fact("breaker", span(breakerWords[verdict], breakerTones[verdict])),
    ...fact("endpoints", span(`${ready} of ${total} ready`, ready < total ? "bad" : undefined)),
    ...(service.canary === null ? [] : fact("canary", span(service.canary, "accent"))),
  ];
}

function failures(service: Service): readonly Line[] {
  const [flags, codes] = [flagWords(service.traffic), codeWords(service.traffic)];
  if (flags === "" && codes === "") return [];
  return [
    [
      pad,
      ...(codes === "" ? [] : fact("codes", span(codes, "warn"))),
      ...(flags === "" ? [] : fact("flags", span(flags, "warn"))),
    ],
  ];
}

function callers(service: Service, { mesh }: ViewInput): readonly Line[] {
  const words = callerWords(service.key, mesh);
  return words.length === 0 ? [] : [[pad, ...fact("callers", span(words.join("  ")))]];
}
