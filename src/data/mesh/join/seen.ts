import type { Link } from "./callers.ts";
import type { Protocol } from "./flow.ts";
import type { Seen } from "./tally.ts";

/** Adds what those who can know saw of a link: server proxies and waypoints. */
export function addLinkSeen(seen: Seen, link: Link, protocol: Protocol): void {
  addSeen(seen, link.destination?.[protocol]?.seen ?? null);
  addSeen(seen, link.waypoint?.[protocol]?.seen ?? null);
}

function addSeen(seen: Seen, part: Readonly<Seen> | null): void {
  if (part === null) return;
  seen.mtls += part.mtls;
  seen.plain += part.plain;
  seen.hidden += part.hidden;
}

/** What one alone saw of a link, as nearly always: no sum needs to be made of it. `null`: both did, or none. */
export function onlySeen({ destination, waypoint }: Link, protocol: Protocol): Readonly<Seen> | null {
  const server = destination?.[protocol]?.seen ?? null;
  const between = waypoint?.[protocol]?.seen ?? null;
  const only = server === null ? between : between === null ? server : null;
  return only !== null && isAny(only) ? only : null;
}

export const isAny = ({ mtls, plain, hidden }: Readonly<Seen>): boolean => mtls + plain + hidden > 0;
