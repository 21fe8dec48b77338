/** `meshtop preview-strict` in its formats. */
import { stringify } from "yaml";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { PlaintextCaller, StrictPreview } from "../../data/mesh/strictPreview.ts";
import { strictTable } from "../columns/strictPreview.ts";
import type { OutputFormat } from "../commands/options.ts";
import { refFields, rounded, type Fields } from "./figures.ts";
import { printed } from "./table.ts";

const callerFields = ({ from, to, what, count, verdict, after }: PlaintextCaller): Fields => ({
  from,
  to,
  what,
  count: Math.ceil(count),
  verdict,
  ...(after === null ? {} : { mode: after.mode, decidedBy: refFields(after.from), ports: after.ports }),
});

/** The whole answer for stdout, without a final newline. */
export function printStrictPreview(preview: StrictPreview, mesh: Mesh, format: OutputFormat): string {
  const { namespace, isMesh, over, callers, unseen, withoutProxy, unnamed } = preview;
  const document: Fields = {
    namespace,
    mesh: isMesh,
    overMs: over,
    callers: callers.map(callerFields),
    unseen,
    withoutProxy,
    unnamedRatio: rounded(unnamed),
  };
  if (format === "json") return JSON.stringify(document, null, 2);
  if (format === "yaml") return stringify(document).trimEnd();
  return printed(strictTable(callers), mesh, null);
}
