/** What traffic says against the configuration. Where nobody measured, there is nothing to say. */
import type { KnownMesh } from "../build/knownMesh.ts";
import { nameOf } from "../declared/meta.ts";
import type { Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { CheckText, Found } from "./check.ts";

export const plaintextUnderStrict: CheckText = {
  code: "MT0201",
  severity: "warning",
  title: "plaintext callers of a workload that demands mTLS",
  meaning:
    "Within the window plaintext arrived at a workload whose PeerAuthentication says STRICT: as soon as its proxy has the policy, these callers are cut off.",
  advice: "Give them a proxy, or make the port PERMISSIVE.",
  sources: {},
};

/** One finding for each workload, with those who came in plaintext. */
export function plaintextCallers(known: KnownMesh, { flows }: FlowIndex): readonly Found[] {
  const callers = new Map<string, Set<string>>();
  for (const flow of flows) {
    const { destination, source } = flow;
    if (destination === null || !isPlain(flow)) continue;
    const workload = known.workloads.get(destination.key);
    if (workload?.mtls.mode !== "STRICT" || Object.keys(workload.mtls.ports).length > 0) continue;
    const names = callers.get(destination.key) ?? new Set();
    callers.set(destination.key, names.add(source?.key ?? "callers without a proxy"));
  }
  return [...callers].sort().flatMap(([key, names]) => {
    const workload = known.workloads.get(key);
    if (workload === undefined) return [];
    const by = workload.mtls.from === "default" ? "" : ` (${nameOf(workload.mtls.from)})`;
    const message = `STRICT${by}, and plaintext arrived from ${[...names].sort().join(", ")}.`;
    return [{ object: workload.ref, path: "", message }];
  });
}

const isPlain = ({ seen }: Flow): boolean => seen.http.plain + seen.grpc.plain + seen.tcp.plain > 0;
