import type { Sender } from "./callers.ts";
import { noFlows, type Flow, type Joined, type SourceFlows } from "./flow.ts";

/** A workload that sends, kept from one answer of Prometheus to the next. */
export interface Source extends Sender {
  /** What it sends: another object where it sends otherwise. */
  sends: SourceFlows;
  /** One of its rows says something else than before. */
  isStale: boolean;
  /** The last settling that found a row of it. */
  settling: number;
}

export const sendsNothing = (end: Source["end"]): SourceFlows => ({ end, flows: noFlows, copies: noFlows });

export const newSource = (end: Source["end"]): Source => ({
  end,
  sends: sendsNothing(end),
  isStale: true,
  settling: 0,
  sheets: null,
});

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
  let at = 0;
  for (const { flows } of sources) {
    for (let own = 0; own < flows.length; own += 1) all[at + own] = flows[own] as Flow;
    at += flows.length;
  }
  return { flows: all, copies: sources.flatMap(({ copies }) => copies), sources };
}
