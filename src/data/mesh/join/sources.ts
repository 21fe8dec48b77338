import type { Sender } from "./callers.ts";
import type { Flow, Joined, SourceFlows } from "./flow.ts";

/** A workload that sends, kept from one answer of Prometheus to the next. */
export interface Source extends Sender {
  /** What it sends: another object where it sends otherwise. */
  sends: SourceFlows;
  /** One of its rows says something else than before. */
  isStale: boolean;
  /** The last settling that found a row of it. */
  settling: number;
}

/** By their names: without a function to compare them V8 sorts strings several times as fast. */
export function sourcesInOrder(sources: readonly Source[]): readonly Source[] {
  const byKey = new Map(sources.map((source) => [source.end?.key ?? "", source]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

/** What all of them send, one after the other. */
export function joinedOf(inOrder: readonly Source[]): Joined {
  const sources = inOrder.map(({ sends }) => sends);
  let count = 0;
  for (const { flows } of sources) count += flows.length;
  // Of their number from the start: grown by pushes they would be copied a dozen times.
  const all = new Array<Flow>(count);
  const copies: Flow[] = [];
  let at = 0;
  for (const { flows, copies: more } of sources) {
    for (const flow of flows) {
      all[at] = flow;
      at += 1;
    }
    for (const copy of more) copies.push(copy);
  }
  return { flows: all, copies, sources };
}
