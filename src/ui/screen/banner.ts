import type { Mesh, SourceState } from "../../data/mesh/model/mesh.ts";
import { explain } from "../../data/mesh/result.ts";
import { fitLine, span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";

/** One line for each source that fails: its sentence, and that what is on screen is old. */
export function bannerLines(mesh: Mesh, columns: number): readonly Line[] {
  const { kubernetes, prometheus } = mesh.sources;
  return [...trouble("Kubernetes", kubernetes), ...trouble("Prometheus", prometheus)].map((line) =>
    fitLine(line, columns),
  );
}

function trouble(name: string, source: SourceState): readonly Line[] {
  if (source.is !== "stale") return [];
  return [[span(` ${name}: `, "bad"), span(explain(source.error), "warn")]];
}
