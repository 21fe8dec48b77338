/** Every change that can be wanted, and the planner of each. */
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { Plan, WantedChange } from "./change.ts";
import type { Needs, Seen } from "./changes/held.ts";
import { declareHost } from "./changes/outboundHosts.ts";
import type { Action } from "./changes/planning.ts";
import { setMirror } from "./changes/setMirror.ts";
import { setOutbound } from "./changes/setOutbound.ts";
import { shiftTraffic } from "./changes/shiftTraffic.ts";
import { steerCanary } from "./changes/steerCanary.ts";

type Catalog = { readonly [K in WantedChange["kind"]]: Action<Extract<WantedChange, { readonly kind: K }>> };

const catalog: Catalog = {
  shift: shiftTraffic,
  mirror: setMirror,
  outbound: setOutbound,
  declareHost,
  canary: steerCanary,
};

/** The table knows that a change and the action of its kind belong together; the compiler can't follow that. */
const actionFor = (change: WantedChange): Action<WantedChange> =>
  catalog[change.kind] as unknown as Action<WantedChange>;

/** What must be read before `planChange`. */
export function needsOf(mesh: Mesh, change: WantedChange): Needs {
  return actionFor(change).needs(mesh, change);
}

/** The plan for what was read; pure. */
export function planChange(mesh: Mesh, change: WantedChange, seen: Seen): Plan {
  return actionFor(change).plan(mesh, change, seen);
}

/** "Shift traffic", as a question is titled. */
export function titleOf(change: WantedChange): string {
  return actionFor(change).title;
}
