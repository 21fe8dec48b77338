import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { ServiceKey } from "../../data/mesh/model/keys.ts";
import { edgeRateWord, rateOrder } from "../columns/words.ts";

/** Most callers that a line names. */
const named = 6;

/** Who calls a service, the busiest first: `webapp 12.0/s`, and how many more. Empty where nobody was seen to. */
export function callerWords(service: ServiceKey, mesh: Mesh): readonly string[] {
  const names = new Map(mesh.graph.nodes.map((node) => [node.id, node.name]));
  const edges = mesh.graph.edges
    .filter(({ to, mirrored }) => to === `service:${service}` && !mirrored)
    .sort((a, b) => (rateOrder(b.traffic) ?? -2) - (rateOrder(a.traffic) ?? -2));
  const words = edges
    .slice(0, named)
    .map((edge) => `${names.get(edge.from) ?? edge.from} ${edgeRateWord(edge)}`);
  return edges.length > named ? [...words, `and ${edges.length - named} more`] : words;
}
