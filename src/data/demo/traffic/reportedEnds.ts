/** What a report is about: the proxy that speaks, and the other end as far as it is known. */
import type { Ends } from "./peers.ts";
import type { Node } from "./topology.ts";
import type { Endpoint } from "./upstreams.ts";

/** What the client's proxy knows of the other end: all, what the endpoint's metadata has, or nothing. */
export type Known = "all" | "endpoint" | "nothing";

export interface SourceEnd {
  readonly client: Node;
  /** Whose request a waypoint, the client, sends on; absent: the client's own. */
  readonly caller?: Node | undefined;
  readonly pod: string;
  readonly service: { readonly host: string; readonly name: string };
  readonly protocol: Ends["protocol"];
  readonly endpoint: Endpoint | null;
  readonly known: Known;
}

export interface DestinationEnd {
  readonly client: Node;
  readonly endpoint: Endpoint;
  readonly protocol: Ends["protocol"];
}
