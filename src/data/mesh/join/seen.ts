import type { Link } from "./callers.ts";
import type { Protocol } from "./flow.ts";
import type { Seen } from "./tally.ts";

/** Adds what those who can know saw of a link: server proxies and waypoints. */
export function addLinkSeen(seen: Seen, { views }: Link, protocol: Protocol): void {
  for (const view of [views.destination, views.waypoint]) {
    const part = view?.[protocol]?.seen;
    if (part === undefined) continue;
    seen.mtls += part.mtls;
    seen.plain += part.plain;
    seen.hidden += part.hidden;
  }
}
