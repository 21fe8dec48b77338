import { isAt } from "../../data/mesh/arrival.ts";
import type { Destination, MirrorTarget, Route, Rule } from "../../data/mesh/model/route.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { formatDuration, formatRate, formatShare } from "../columns/format.ts";
import { destinationName, matchWord, problemWords, scopeWord } from "../columns/routes.ts";
import type { Layout } from "../columns/table.ts";
import { codeWords, flagWords } from "../columns/words.ts";
import { span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import type { Target } from "../state/content.ts";
import { destinationKey } from "../state/trafficRow.ts";
import type { Subject } from "../state/uiState.ts";
import { arrivalDetail, arrivalTone, convergenceNote } from "../steer/arrivalText.ts";
import { routeFindings, ruleFindings } from "./findingRows.ts";
import type { Block, Row } from "./block.ts";
import { splitRow, type PaintedSplit } from "./splitLine.ts";
import { objectSubject, serviceSubject, workloadSubject } from "./subjects.ts";
import { gutter } from "./tableContent.ts";
import type { ViewInput } from "./view.ts";

/** What a line with the cursor on it is about. */
export interface TrafficStop {
  /** `null`: the service of the page. */
  readonly subject: Subject | null;
  readonly opens: Target | string;
}

type TrafficRow = Row<TrafficStop>;

const pad: Span = { text: " ".repeat(gutter) };
const indent: Span = { text: " ".repeat(gutter + 4) };

/** Who answered, by version: what there is to see of a service that nobody routes. */
export function versionBlock(
  service: Service,
  layout: Layout<PaintedSplit>,
  input: ViewInput,
): readonly Block<TrafficStop>[] {
  if (service.detail.versions.length === 0) return [];
  const rows = service.detail.versions.map(({ workload, version, traffic, share, mirrored }): TrafficRow => {
    const copies = mirrored !== null && mirrored > 0 ? `  +${formatRate(mirrored)} mirrored` : "";
    const name = workload.slice(workload.indexOf("/") + 1);
    const known = input.mesh.workloads.find(({ key }) => key === workload);
    return {
      line: splitRow(layout, {
        name: `${version}${name === version ? "" : `  ${name}`}${copies}`,
        weight: null,
        share: null,
        observed: share,
        traffic,
      }),
      stop: {
        key: `version:${workload}`,
        about: {
          subject: known === undefined ? null : workloadSubject(known),
          opens:
            known === undefined
              ? `${workload} is known from metrics alone.`
              : { view: "describe", subject: workloadSubject(known) },
        },
      },
    };
  });
  return [{ rows: [{ line: [pad, span("Answered by", "title")] }, ...rows] }];
}

export interface RouteBlockOptions {
  readonly input: ViewInput;
  readonly shows: (rule: Rule) => boolean;
}

/** Each object with a say over the service and its rules, in the order the proxies try them. */
export function routeBlocks(
  service: Service,
  layout: Layout<PaintedSplit>,
  options: RouteBlockOptions,
): readonly Block<TrafficStop>[] {
  if (service.detail.routes.length === 0)
    return [
      {
        rows: [
          {
            line: [
              pad,
              span("No route decides about this service: requests go to all its endpoints.", "muted"),
            ],
          },
        ],
      },
    ];
  return service.detail.routes.map((route) => ({
    rows: [
      { line: routeTitle(route) },
      ...routeFindings(service, route, options.input).map((line) => ({ line })),
      ...route.rules
        .filter(options.shows)
        .flatMap((rule) => ruleRows({ service, rule, layout }, options.input)),
    ],
  }));
}

function routeTitle(route: Route): Line {
  const { kind, namespace, name } = route.ref;
  return [
    pad,
    span(`${kind} `, "muted"),
    span(`${namespace ?? ""}/${name}`, "title"),
    span(`  [${scopeWord(route.scope)}]`, "accent"),
    span(`  hosts ${route.hosts.join(", ")}`, "muted"),
  ];
}

interface RuleContext {
  readonly service: Service;
  readonly rule: Rule;
  readonly layout: Layout<PaintedSplit>;
}

function ruleRows(context: RuleContext, input: ViewInput): readonly TrafficRow[] {
  const { rule } = context;
  return [
    { line: ruleTitle(rule) },
    ...ruleFindings(context.service, rule, input).map((line) => ({ line })),
    ...(rule.instead === null ? [] : [{ line: [indent, span(rule.instead, "accent")] }]),
    ...rule.destinations.flatMap((destination) => destinationRows(destination, context, input)),
    ...followingLines(rule, input),
    ...rule.mirrors.map((mirror) => ({ line: mirrorLine(mirror, context.service, input) })),
    ...(rule.note === null ? [] : [{ line: [indent, span(rule.note, "muted")] }]),
  ];
}

/** Whether a shift of this rule has arrived; the notes say it in short. */
function followingLines(rule: Rule, { following, glyphs }: ViewInput): readonly TrafficRow[] {
  return following
    .filter(({ place }) => isAt(rule, place))
    .flatMap((one) => {
      const proxies = convergenceNote(one);
      return [
        { line: [indent, span(arrivalDetail(one, glyphs.plusMinus), arrivalTone(one))] },
        ...(proxies === "" ? [] : [{ line: [indent, span(proxies, "muted")] }]),
      ];
    });
}

function ruleTitle(rule: Rule): Line {
  const facts = [
    rule.name === null ? null : `"${rule.name}"`,
    rule.timeout === null ? null : `timeout ${formatDuration(rule.timeout)}`,
    rule.retries === null ? null : `retries ${rule.retries}`,
    rule.rewrite === null ? null : `rewrite ${rule.rewrite}`,
  ].filter((fact) => fact !== null);
  return [
    pad,
    span(`${rule.protocol === "http" ? "" : `${rule.protocol} `}${rule.index + 1} `, "key"),
    span(matchWord(rule), rule.unreachable ? "muted" : "title"),
    ...(rule.unreachable ? [span("  never tried: a rule before it takes everything", "warn")] : []),
    ...(rule.fault === null ? [] : [span(`  fault: ${rule.fault}`, "warn")]),
    span(facts.map((fact) => `  ${fact}`).join(""), "muted"),
  ];
}

function destinationRows(
  destination: Destination,
  { service, rule, layout }: RuleContext,
  input: ViewInput,
): readonly TrafficRow[] {
  const name = destinationName(destination, service);
  const isBroken = destination.problem !== null;
  const tone = isBroken ? { tone: "bad" as const } : {};
  const { ready, total } = destination.endpoints;
  const trouble = [codeWords(destination.traffic), flagWords(destination.traffic)].filter(
    (words) => words !== "",
  );
  return [
    {
      line: splitRow(layout, { ...destination, ...tone, name }),
      stop: {
        key: destinationKey(rule, destination),
        about: { subject: objectSubject(rule.ref), opens: opens(destination, service, input) },
      },
    },
    ...(destination.problem === null
      ? []
      : [{ line: [indent, span(problemWords[destination.problem], "bad")] }]),
    ...(!isBroken && ready < total
      ? [{ line: [indent, span(`${ready} of ${total} endpoints ready`, "warn")] }]
      : []),
    ...(trouble.length === 0 ? [] : [{ line: [indent, span(trouble.join("  "), "warn")] }]),
  ];
}

/** Another service's own page, else the workload behind the destination. */
function opens(destination: Destination, service: Service, { mesh }: ViewInput): Target | string {
  if (destination.service !== null && destination.service !== service.key) {
    const other = mesh.services.find(({ key }) => key === destination.service);
    if (other !== undefined) return { view: "traffic", subject: serviceSubject(other) };
  }
  const workload = mesh.workloads.find(({ key }) => key === destination.workloads[0]);
  if (workload !== undefined) return { view: "describe", subject: workloadSubject(workload) };
  return `Nothing runs behind ${destinationName(destination, service)}.`;
}

function mirrorLine(mirror: MirrorTarget, service: Service, input: ViewInput): Line {
  const isOwn = mirror.service === service.key && mirror.subset !== null;
  const target = isOwn
    ? mirror.subset
    : `${mirror.service ?? mirror.host}${mirror.subset === null ? "" : ` ${mirror.subset}`}`;
  const seen = mirror.observed === null ? "no copies seen" : `${formatRate(mirror.observed)} copies`;
  return [
    indent,
    span(`mirror ${formatShare(mirror.percent)} ${input.glyphs.right} ${target}  `, "accent"),
    span(seen, mirror.observed === null ? "muted" : undefined),
  ];
}
