/** What traffic says against the configuration. Where nobody measured, there is nothing to say. */
import type { KnownMesh } from "../build/knownMesh.ts";
import type { KnownWorkload } from "../build/knownWorkloads.ts";
import { modesBehind } from "../build/locks.ts";
import { nameOf } from "../declared/meta.ts";
import type { MtlsMode } from "../declared/security.ts";
import type { Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { EffectiveMtls } from "../model/security.ts";
import type { CheckText, Found } from "./check.ts";

export const plaintextUnderStrict: CheckText = {
  code: "MT0201",
  severity: "warning",
  title: "plaintext callers of a workload that demands mTLS",
  meaning:
    "Within the window plaintext arrived at a workload whose PeerAuthentication says STRICT: as soon as its proxy has the policy, these callers are cut off. Where only some of the ports that they may have called are STRICT it is `info`: metrics name no port.",
  advice: "Give them a proxy, or make the port PERMISSIVE.",
  sources: {},
};

interface Callers {
  /** Whatever port they called, it is STRICT. */
  readonly surely: Set<string>;
  /** Some of the ports that they may have called are. */
  readonly perhaps: Set<string>;
}

/** One finding for each workload, with those who came in plaintext. */
export function plaintextCallers(known: KnownMesh, { flows }: FlowIndex): readonly Found[] {
  const callers = new Map<WorkloadKey, Callers>();
  for (const flow of flows) {
    const { destination, source } = flow;
    if (destination === null || !isPlain(flow)) continue;
    const workload = known.workloads.get(destination.key);
    const modes = workload === undefined ? noModes : modesOf(known, flow, workload);
    if (!modes.has("STRICT")) continue;
    const own = callers.get(destination.key) ?? { surely: new Set(), perhaps: new Set() };
    own[modes.size === 1 ? "surely" : "perhaps"].add(source?.key ?? "callers without a proxy");
    callers.set(destination.key, own);
  }
  return [...callers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, names]) => {
      const workload = known.workloads.get(key);
      return workload === undefined ? [] : [foundAt(workload, names)];
    });
}

const noModes: ReadonlySet<MtlsMode> = new Set();

/** Of the ports that the request may have come in on: those of the service that was asked for, else any. */
function modesOf(known: KnownMesh, { target }: Flow, workload: KnownWorkload): ReadonlySet<MtlsMode> {
  const service = target.kind === "service" ? known.serviceByHost.get(target.host) : undefined;
  if (service !== undefined) return modesBehind(service, workload);
  return new Set([workload.mtls.mode, ...Object.values(workload.mtls.ports)]);
}

function foundAt({ ref, mtls }: KnownWorkload, { surely, perhaps }: Callers): Found {
  const by = mtls.from === "default" ? "" : ` (${nameOf(mtls.from)})`;
  const unsure = [...perhaps].filter((name) => !surely.has(name));
  const sentences = [
    ...(surely.size === 0 ? [] : [`plaintext arrived from ${listed(surely)}`]),
    ...(unsure.length === 0
      ? []
      : [`plaintext arrived from ${listed(unsure)}, on which port metrics do not say`]),
  ];
  const message = `${demandOf(mtls)}${by}, and ${sentences.join("; ")}.`;
  return { object: ref, path: "", message, ...(surely.size === 0 ? { severity: "info" } : {}) };
}

const listed = (names: Iterable<string>): string => [...names].sort().join(", ");

/** "STRICT", with the ports that are not; or only the ports that are. */
function demandOf({ mode, ports }: EffectiveMtls): string {
  const others = Object.entries(ports).filter(([, one]) => (one === "STRICT") !== (mode === "STRICT"));
  if (mode !== "STRICT") return `STRICT on ${portsWord(others.map(([port]) => port))}`;
  return others.length === 0 ? "STRICT" : `STRICT but for ${portsWord(others.map(([port]) => port))}`;
}

const portsWord = (ports: readonly string[]): string =>
  `port${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`;

const isPlain = ({ seen }: Flow): boolean => seen.http.plain + seen.grpc.plain + seen.tcp.plain > 0;
