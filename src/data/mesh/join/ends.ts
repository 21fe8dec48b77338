import { clean } from "../clean.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { Pair } from "../telemetry.ts";

/** A workload as metrics name it. One object for each, so that identity is equality within one join. */
export interface WorkloadEnd {
  readonly key: WorkloadKey;
  readonly namespace: string;
  readonly name: string;
  /** `destination_canonical_revision`, as far as a series named one; `null` where it was missing or the false `latest`. */
  revision: string | null;
  /** Label `version` of its pods, as far as a series named one. */
  version: string | null;
}

/**
 * What a request was meant for.
 *
 * - `service`: a host, declared or not. - `passthrough`, `blackhole`: a host outside the registry, `unknown` where metrics cannot name it.
 * - `direct`: a port of a pod that no Service names (InboundPassthroughCluster). - `nowhere`: no route, so nobody knows (NR).
 */
export interface Target {
  readonly kind: "service" | "passthrough" | "blackhole" | "direct" | "nowhere";
  /** Cleaned; for `service` the FQDN where it is known. */
  readonly host: string;
}

/** Turns a host as a client wrote it into the FQDN of a declared service, seen from a namespace; `null`: none is declared. */
export type HostLookup = (written: string, namespace: string) => string | null;

/** A Map, because a stranger's host may be called `constructor`. */
const outside: ReadonlyMap<string, Target["kind"]> = new Map([
  ["PassthroughCluster", "passthrough"],
  ["BlackHoleCluster", "blackhole"],
  ["InboundPassthroughCluster", "direct"],
  ["InboundPassthroughClusterIpv4", "direct"],
  ["InboundPassthroughClusterIpv6", "direct"],
]);

const isUnknown = (label: string): boolean => label === "unknown" || label === "";

/** One object for each distinct end that series name; names are cleaned once, here. */
export class Ends {
  readonly #workloads = new Map<string, Map<string, WorkloadEnd>>();
  readonly #byKey = new Map<WorkloadKey, WorkloadEnd>();
  readonly #targets = new Map<string, Map<string, Target>>();
  readonly #byTarget = new Map<string, Target>();
  readonly #hostFor: HostLookup;

  constructor(hostFor: HostLookup) {
    this.#hostFor = hostFor;
  }

  /** `null`: a caller without a proxy, or an upstream that was never picked. */
  workload(namespace: string, name: string): WorkloadEnd | null {
    if (isUnknown(name)) return null;
    let names = this.#workloads.get(namespace);
    if (names === undefined) this.#workloads.set(namespace, (names = new Map<string, WorkloadEnd>()));
    let end = names.get(name);
    if (end === undefined) names.set(name, (end = this.#newWorkload(namespace, name)));
    return end;
  }

  destination(pair: Pair): WorkloadEnd | null {
    const end = this.workload(pair.destinationNamespace, pair.destinationWorkload);
    if (end === null) return null;
    if (
      end.revision === null &&
      !isUnknown(pair.destinationRevision) &&
      pair.destinationRevision !== "latest"
    ) {
      end.revision = clean(pair.destinationRevision);
    }
    if (end.version === null && !isUnknown(pair.destinationVersion))
      end.version = clean(pair.destinationVersion);
    return end;
  }

  target(pair: Pair): Target {
    let hosts = this.#targets.get(pair.serviceName);
    if (hosts === undefined) this.#targets.set(pair.serviceName, (hosts = new Map<string, Target>()));
    const known = hosts.get(pair.service);
    if (known !== undefined) return known;
    const kind = outside.get(pair.serviceName);
    if (kind !== undefined) return this.#remember(hosts, pair.service, kind, pair.service);
    return this.#service(hosts, pair);
  }

  /** The target that a configured host means, whether or not a series names it. */
  service(host: string): Target {
    return this.#new("service", host);
  }

  #service(hosts: Map<string, Target>, pair: Pair): Target {
    if (isUnknown(pair.service)) {
      if (isUnknown(pair.serviceName)) return this.#remember(hosts, pair.service, "nowhere", "unknown");
      if (isUnknown(pair.serviceNamespace))
        return this.#remember(hosts, pair.service, "service", pair.serviceName);
      // Label destination_service was removed here; the other two say the same.
      return this.#new("service", `${pair.serviceName}.${pair.serviceNamespace}.svc.cluster.local`);
    }
    const exact = this.#hostFor(pair.service, "");
    if (exact !== null) return this.#remember(hosts, pair.service, "service", exact);
    // A Host header stands here where no route was found: a short name belongs to the namespace of its caller.
    const seen = this.#hostFor(pair.service, pair.sourceNamespace);
    return seen === null
      ? this.#remember(hosts, pair.service, "service", pair.service)
      : this.#new("service", seen);
  }

  #remember(hosts: Map<string, Target>, raw: string, kind: Target["kind"], host: string): Target {
    const target = this.#new(kind, host);
    hosts.set(raw, target);
    return target;
  }

  #new(kind: Target["kind"], host: string): Target {
    const name = isUnknown(host) ? "unknown" : clean(host);
    const id = `${kind} ${name}`;
    let target = this.#byTarget.get(id);
    if (target === undefined) this.#byTarget.set(id, (target = { kind, host: name }));
    return target;
  }

  #newWorkload(namespace: string, name: string): WorkloadEnd {
    const place = clean(namespace === "" ? "unknown" : namespace);
    const key = `${place}/${clean(name)}`;
    let end = this.#byKey.get(key);
    if (end === undefined) {
      end = { key, namespace: place, name: clean(name), revision: null, version: null };
      this.#byKey.set(key, end);
    }
    return end;
  }
}
