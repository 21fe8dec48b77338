/** `meshtop preview-strict`: callers on stdout, what else there is to know on stderr. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain, type DataError, type Result } from "../../data/mesh/result.ts";
import type { StrictPreview } from "../../data/mesh/strictPreview.ts";
import { strictRemarks } from "../columns/strictRemarks.ts";
import { printStrictPreview } from "../print/strictPreview.ts";
import type { Outlet } from "./outlet.ts";
import type { PreviewCommand } from "./parseCommand.ts";

interface Previewed {
  readonly mesh: Mesh;
  readonly preview: StrictPreview;
  /** Sentences about what could not be read. */
  readonly missing: readonly string[];
}

/** 0: nobody who was seen would be cut off; 1: somebody would, or not all is known; 2: no cluster or no Prometheus. */
export async function performPreview(
  { options }: PreviewCommand,
  previewed: Result<Previewed, DataError>,
  { print, complain }: Pick<Outlet, "print" | "complain">,
): Promise<0 | 1 | 2> {
  if (!previewed.ok) {
    complain(explain(previewed.error));
    return 2;
  }
  const { mesh, preview, missing } = previewed.value;
  for (const sentence of [...missing, ...strictRemarks(preview)]) complain(sentence);
  await print(printStrictPreview(preview, mesh, options.output));
  const isSafe = preview.callers.every(({ verdict }) => verdict === "stays") && preview.unnamed === 0;
  return isSafe && missing.length === 0 ? 0 : 1;
}
