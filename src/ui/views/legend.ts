/** Short words on the screen and what they stand for: what `?` explains of the view it is asked from. */
import type { ViewId } from "../state/uiState.ts";

type Legend = readonly (readonly [word: string, meaning: string])[];

/** The lock of an edge or a box, as the graph writes it (`lockWord` of graph/numbers.ts). */
const locks: Legend = [
  ["L  L63%", "mTLS seen: on all of it, on a part"],
  ["U  U?", "plain text seen; U? where the rest did not say"],
  ["x", "mTLS cannot work: the two sides want different things"],
  ["?  (L)  (U)", "nobody saw; in brackets what is configured"],
];

const breakers: Legend = [
  ["cb", "a breaker is defined; nobody sees it act"],
  ["TRIP  EJECT", "it refuses requests now (UO); hosts are thrown out"],
];

/** By the view that is asked about; a meaning fits beside its word on 80 columns. */
export const legends: Readonly<Partial<Record<ViewId, Legend>>> = {
  graph: [
    ["w20  (w 20)", "the configured weight beside the observed share"],
    ...locks,
    ...breakers,
    ["fault  mirror", "a rule injects faults; a rule copies requests"],
    ["ok  4.1 %", "errors: 5xx, no answer, or a gRPC status above 0"],
    ["err  rpc", "the same in words; rpc: by gRPC statuses alone"],
    ["dot before a name", "not as at the refresh before; the details say what"],
    ["dashed edge", "carries mirrored copies only"],
    ["double edge", "carries gRPC, alone or with HTTP; in B/s it is TCP"],
    ["idle  dead  DEAD", "nobody asks; nothing could answer; and is asked"],
    ["ext pass blackhole", "outside: known, let through unknown, blocked"],
    ["unknown  no route", "callers without a proxy; where no rule takes it"],
    ["share", "of the requests to its service"],
  ],
  breakers: [
    ["conn  pend", "most connections, and requests that wait for one"],
    ["req 100/1", "most requests at a time; most on one connection"],
    ["5xx 5 30s 10%", "5 in a row throw a host out for 30s, 10 % at most"],
    ["gw  local", "the same for gateway errors, and local failures"],
    ["UO  UH", "refused a second: pool full; no healthy host"],
    ["EJECT", "how many hosts can be thrown out at a time"],
    ["CLIENTS 3/12", "clients with an open pool, or an ejection"],
  ],
  services: [
    ["MTLS", "what was seen; in brackets what is configured"],
    ["BREAKER unknown", "defined; nobody sees whether it acts"],
  ],
  journal: [
    ["in effect  undone", "it stands, and z takes it back; it was taken back"],
    ["can redo  redone", "an undo that Z takes back; one that was taken back"],
    ["final", "an undo after which something else was changed"],
    ["open  unknown", "nobody knows how it ended; the next start reads"],
  ],
  traffic: [
    ["SHARE", "the weight as a part of the sum"],
    ["OBSERVED", "counted, with its 95 % interval in points; N of them"],
    ["kubectl port-forward", "goes past all proxies: no route, weight or metric"],
    ["NC  UH  UO", "Envoy's own answers: no cluster, no host, pool full"],
  ],
};
