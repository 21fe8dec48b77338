/** All that flows from one box to another. */
import { keptWhile, type Kept } from "../../data/mesh/resolve/once.ts";
import { each, type Steps } from "../../data/mesh/steps.ts";
import type { Call } from "./boxes.ts";
import { eachGrouping, type Grouping, type Hop } from "./grouping.ts";
import type { Membership } from "./membership.ts";
import { byKey } from "./shape.ts";
import { sumLocks, sumTraffic } from "./sums.ts";

// Edges that a refresh did not change make the calls that they made before.
const keptCalls = eachGrouping<Kept<Call>>(() => new WeakMap());

/** The hops from one box to another as one call, mirrored copies apart; sorted by key. */
export function* callsOf(
  hops: readonly Hop[],
  { boxOf }: Membership,
  grouping: Grouping,
): Steps<readonly Call[]> {
  const groups = new Map<string, { readonly ends: Ends; readonly hops: Hop[] }>();
  for (const hop of hops) {
    const from = boxOf.get(hop.from);
    const to = boxOf.get(hop.to);
    if (from === undefined || to === undefined) continue;
    const key = `${from} ${to}${hop.mirrored ? " mirrored" : ""}`;
    const group = groups.get(key) ?? { ends: { key, from, to, isMirrored: hop.mirrored }, hops: [] };
    groups.set(key, group);
    group.hops.push(hop);
  }
  yield;
  const calls: Call[] = [];
  yield* each([...groups.values()], 128, (group) => {
    const [first = group.ends] = group.hops;
    calls.push(keptWhile(keptCalls[grouping], first, [group.ends.key, ...group.hops], () => callOf(group)));
  });
  return calls.sort(byKey);
}

type Ends = Pick<Call, "key" | "from" | "to" | "isMirrored">;

function callOf({ ends, hops }: { readonly ends: Ends; readonly hops: readonly Hop[] }): Call {
  const byProtocol = Map.groupBy(hops, ({ protocol }) => protocol);
  const protocols = [...byProtocol.keys()].sort();
  return {
    ...ends,
    protocols,
    parts:
      protocols.length < 2
        ? []
        : protocols.map((protocol) => ({
            protocol,
            traffic: sumTraffic((byProtocol.get(protocol) ?? []).map(({ traffic }) => traffic)),
          })),
    through: [...new Set(hops.map(({ through }) => through))].sort(),
    traffic: sumTraffic(hops.map(({ traffic }) => traffic)),
    lock: sumLocks(hops),
  };
}
