/** One service: who answers, and every rule that decides it, with the configured weight beside what is observed. */
import { matchWord } from "../columns/routes.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { headLine, layOut, type Layout } from "../columns/table.ts";
import { parseFilter, passes } from "../state/filter.ts";
import type { Content } from "../state/content.ts";
import type { Subject } from "../state/uiState.ts";
import { nameColumn, splitColumnsFor, type PaintedSplit } from "./splitLine.ts";
import { serviceSubject } from "./subjects.ts";
import { otherFindings } from "./findingRows.ts";
import { routeBlocks, versionBlock, type TrafficStop } from "./trafficBlocks.ts";
import { summaryLines } from "./trafficSummary.ts";
import type { Block, Row } from "./block.ts";
import { blockContent } from "./block.ts";
import { serviceKinds, whyNothing } from "./emptiness.ts";
import { gutter } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

export const trafficView: View = {
  id: "traffic",
  title: "traffic",
  commands: ["traffic", "tr"],
  description: "one service: rules in order, weight beside observed share",
  isRoot: false,
  render: (input) => {
    const service = serviceOf(input.mesh, input.page.subject);
    return service === null ? missing(input) : trafficContent(service, input);
  },
};

function serviceOf(mesh: Mesh, subject: Subject | null): Service | null {
  return mesh.services.find(({ key }) => key === subject?.key) ?? null;
}

/** With this much room the numbers of the service stay above its rules while they scroll. */
const tall = 18;

function trafficContent(service: Service, input: ViewInput): Content {
  const layout: Layout<PaintedSplit> = layOut(
    [nameColumn, ...splitColumnsFor(input)],
    input.size.columns - gutter,
  );
  const filter = parseFilter(input.page.filter);
  const summary = summaryLines(service, input);
  const isSticky = input.size.rows >= tall;
  const blocks: readonly Block<TrafficStop>[] = [
    { rows: isSticky ? [] : summary.map((line): Row<TrafficStop> => ({ line })) },
    ...versionBlock(service, layout, input),
    ...routeBlocks(service, layout, {
      input,
      shows: (rule) => passes(filter, `${rule.name ?? ""} ${matchWord(rule)}`, service.labels),
    }),
    { rows: otherFindings(service, input).map((line): Row<TrafficStop> => ({ line })) },
  ];
  const content = blockContent(blocks, {
    subject: (stop) => stop?.subject ?? serviceSubject(service),
    open: (stop) => stop?.opens ?? "The cursor opens a version or a destination; there is none here.",
  });
  return {
    ...content,
    about: service.key,
    remark: service.kind === "external" ? "ServiceEntry" : "",
    head: [
      ...(isSticky ? summary : []),
      [{ text: " ".repeat(gutter) }, ...headLine(layout, null, input.glyphs)],
    ],
    focus: () => [service.key],
  };
}

function missing(input: ViewInput): Content {
  const key = input.page.subject?.key ?? "";
  const content = blockContent<TrafficStop>([], {
    subject: () => null,
    open: () => "There is nothing here.",
  });
  return {
    ...content,
    about: key,
    empty: whyNothing(input.mesh, key.slice(0, Math.max(0, key.indexOf("/"))), {
      says: [`Service ${key} is not in this mesh: it was deleted, or it is called otherwise.`],
      kinds: serviceKinds,
      needsMetrics: false,
    }),
  };
}
