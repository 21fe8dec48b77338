import { SmallMap, withOne } from "../smallMap.ts";
import type { WorkloadEnd } from "./ends.ts";
import { noFlows, type Flow } from "./flow.ts";

/** Flows to one host by who answered, under `null` those that reached no workload; the list itself, where one answered all of it. */
export type Answers = Pick<SmallMap<WorkloadEnd | null, readonly Flow[]>, "keys" | "values" | "get">;

/** In the order in which each first answered. */
export function answersIn(flows: readonly Flow[]): Answers {
  const answers = new SmallMap<WorkloadEnd | null, readonly Flow[]>();
  const [first] = flows;
  if (first === undefined) return answers;
  const { destination: only } = first;
  if (flows.every(({ destination }) => destination === only)) answers.add(only, flows);
  else
    for (const flow of flows)
      answers.set(flow.destination, withOne(answers.get(flow.destination) ?? noFlows, flow));
  return answers;
}
