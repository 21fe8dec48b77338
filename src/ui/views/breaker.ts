/** The breaker of one service as its callers' proxies have it, each by its own word. */
import type { Breaker } from "../../data/mesh/model/breaker.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { clusterColumns } from "../columns/envoyClusters.ts";
import { limitWords } from "../columns/breakers.ts";
import { headLine, layOut } from "../columns/table.ts";
import { sourceWord } from "../columns/words.ts";
import { span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import type { Content } from "../state/content.ts";
import type { Subject } from "../state/uiState.ts";
import { blockContent, type Block, type Row } from "./block.ts";
import { callerBlocks, noteBlock, type BreakerStop } from "./breakerCallers.ts";
import { objectSubject, serviceSubject } from "./subjects.ts";
import { gutter } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

/** More would only move the numbers away from their names. */
const widest = 100;

const pad: Span = { text: " ".repeat(gutter) };

export const breakerView: View = {
  id: "breaker",
  title: "breaker",
  commands: ["breaker"],
  description: "one service's breaker, by the proxies of those who call it",
  isRoot: false,
  render: (input) => {
    const key = input.page.subject?.key ?? "";
    const service = input.mesh.services.find((one) => one.key === key);
    return { ...(service === undefined ? missing(key) : contentOf(service, input)), about: key };
  },
};

function contentOf(service: Service, input: ViewInput): Content {
  const layout = layOut(clusterColumns, Math.min(widest, input.size.columns - gutter));
  const blocks = [
    ...callerBlocks(service, layout, input),
    limitBlock(service, input),
    noteBlock(service, input),
  ];
  const content = blockContent(blocks, {
    subject: (stop) => stop?.subject ?? serviceSubject(service),
    open: (stop) => stop?.opens ?? "There is nothing to open here.",
  });
  const head: Line = [pad, ...headLine(layout, null, input.glyphs)];
  return { ...content, remark: "ctrl-r asks again", head: [head], focus: () => [service.key] };
}

function missing(key: string): Content {
  const content = blockContent<BreakerStop>([], {
    subject: () => null,
    open: () => "There is nothing here.",
  });
  return {
    ...content,
    empty: [`Service ${key} is not in this mesh: it was deleted, or it is called otherwise.`],
  };
}

/** What is configured: the limits that each proxy keeps for itself. Clusters with the same ones stand together. */
function limitBlock(service: Service, { mesh, size }: ViewInput): Block<BreakerStop> {
  const alike = new Map<string, { readonly breaker: Breaker; readonly names: string[] }>();
  for (const breaker of mesh.breakers.filter((one) => one.service === service.key)) {
    const words = `${limitWords(breaker)}; from ${sourceWord(breaker.definedBy)}`;
    const known = alike.get(words) ?? { breaker, names: [] };
    known.names.push(`${breaker.subset ?? "all"}${breaker.port === null ? "" : ` :${breaker.port}`}`);
    alike.set(words, known);
  }
  if (alike.size === 0) return { rows: [] };
  return {
    rows: [
      { line: [pad, span("Configured", "title")] },
      ...[...alike].flatMap(([words, { breaker, names }]) =>
        limitRows(`${names.join(", ")}: ${words}.`, { breaker, service, columns: size.columns }),
      ),
    ],
  };
}

interface Limited {
  readonly breaker: Breaker;
  readonly service: Service;
  readonly columns: number;
}

function limitRows(
  sentence: string,
  { breaker: { definedBy }, service, columns }: Limited,
): readonly Row<BreakerStop>[] {
  const subject: Subject = definedBy === "mesh default" ? serviceSubject(service) : objectSubject(definedBy);
  const opens = { view: "traffic", subject: serviceSubject(service) } as const;
  return wrapped(sentence, Math.max(20, columns - 2 * gutter - 4)).map((text, index) => ({
    line: [{ text: " ".repeat(gutter + 4) }, span(text)],
    ...(index === 0 ? { stop: { key: `limit:${sentence}`, about: { subject, opens } } } : {}),
  }));
}
