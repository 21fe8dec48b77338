import { clean } from "../clean.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { Pair } from "../telemetry.ts";
import { SmallMap } from "../smallMap.ts";
import { Numbered } from "./numbered.ts";

/** A workload as metrics name it. One object for each, so that identity is equality within one join. */
export class WorkloadEnd extends Numbered {
  readonly key: WorkloadKey;
  readonly namespace: string;
  readonly name: string;
  /** `destination_canonical_revision`, as far as a series named one; `null` where it was missing or the false `latest`. */
  revision: string | null = null;
  /** Label `version` of its pods, as far as a series named one. */
  version: string | null = null;

  constructor(number: number, { key, namespace, name }: Pick<WorkloadEnd, "key" | "namespace" | "name">) {
    super(number);
    this.key = key;
    this.namespace = namespace;
    this.name = name;
  }
}

/** What series add to the name of a workload: the first of them that says something counts. */
export interface EndNames {
  revision: string | null;
  version: string | null;
}

/** Adds what one series says of its destination. */
export function addNames(
  names: EndNames,
  { revision, version }: { readonly revision: string; readonly version: string },
): void {
  if (names.revision === null && !isUnknown(revision) && revision !== "latest")
    names.revision = clean(revision);
  if (names.version === null && !isUnknown(version)) names.version = clean(version);
}

/**
 * What a request was meant for.
 *
 * - `service`: a host, declared or not. - `passthrough`, `blackhole`: a host outside the registry, `unknown` where metrics cannot name it.
 * - `direct`: a port of a pod that no Service names (InboundPassthroughCluster). - `nowhere`: no route, so nobody knows (NR).
 */
export class Target extends Numbered {
  readonly kind: "service" | "passthrough" | "blackhole" | "direct" | "nowhere";
  /** Cleaned; for `service` the FQDN where it is known. */
  readonly host: string;

  constructor(number: number, kind: Target["kind"], host: string) {
    super(number);
    this.kind = kind;
    this.host = host;
  }
}

/** Turns a host as a client wrote it into the FQDN of a declared service, seen from a namespace; `null`: none is declared. */
export type HostLookup = (written: string, namespace: string) => string | null;

/** The key of a declared workload, the very string that it goes by elsewhere; `null`: none is declared. */
export type KeyLookup = (namespace: string, name: string) => WorkloadKey | null;

/** What names mean by the declared side. */
export interface Names {
  readonly hostFor: HostLookup;
  readonly keyFor: KeyLookup;
}

/** A Map, because a stranger's host may be called `constructor`. */
const outside: ReadonlyMap<string, Target["kind"]> = new Map([
  ["PassthroughCluster", "passthrough"],
  ["BlackHoleCluster", "blackhole"],
  ["InboundPassthroughCluster", "direct"],
  ["InboundPassthroughClusterIpv4", "direct"],
  ["InboundPassthroughClusterIpv6", "direct"],
]);

const isUnknown = (label: string): boolean => label === "unknown" || label === "";

/** One object for each distinct end that series name, whatever was named before; names are cleaned once, here. */
export class Ends {
  /** As series write them, by name and then by namespace: nearly all names are in one. */
  readonly #workloads = new Map<string, SmallMap<string, WorkloadEnd>>();
  readonly #byKey = new Map<WorkloadKey, WorkloadEnd>();
  /** By `destination_service`, then `destination_service_name`. */
  readonly #targets = new Map<string, SmallMap<string, Target>>();
  readonly #byTarget = new Map<string, Target>();
  #lookup: HostLookup;
  #keyFor: KeyLookup;
  /** What was looked up, and found: by namespace, then as it was written. */
  readonly #hosts = new Map<string, Map<string, string | null>>();

  constructor({ hostFor, keyFor }: Names) {
    this.#lookup = hostFor;
    this.#keyFor = keyFor;
  }

  /** Looks names up there from now on. @returns whether all hosts that were looked up before would have been found the same. */
  follow({ hostFor, keyFor }: Names): boolean {
    this.#keyFor = keyFor;
    if (hostFor === this.#lookup) return true;
    this.#lookup = hostFor;
    for (const [namespace, hosts] of this.#hosts)
      for (const [written, host] of hosts) if (hostFor(written, namespace) !== host) return false;
    return true;
  }

  /** `null`: a caller without a proxy, or an upstream that was never picked. */
  workload(namespace: string, name: string): WorkloadEnd | null {
    if (isUnknown(name)) return null;
    let named = this.#workloads.get(name);
    if (named === undefined) this.#workloads.set(name, (named = new SmallMap<string, WorkloadEnd>()));
    return named.get(namespace) ?? named.add(namespace, this.#newWorkload(namespace, name));
  }

  /** Ends and targets that were ever named. */
  get size(): number {
    return this.#byKey.size + this.#byTarget.size;
  }

  target(pair: Pair): Target {
    const { service, serviceName } = pair;
    const known = this.#targets.get(service)?.get(serviceName);
    if (known !== undefined) return known;
    const kind = outside.get(serviceName);
    if (kind !== undefined) return this.#remember(pair, kind, service);
    return this.#service(pair);
  }

  /** The target that a configured host means, whether or not a series names it. */
  service(host: string): Target {
    return this.#new("service", host);
  }

  #service(pair: Pair): Target {
    if (isUnknown(pair.service)) {
      if (isUnknown(pair.serviceName)) return this.#remember(pair, "nowhere", "unknown");
      if (isUnknown(pair.serviceNamespace)) return this.#new("service", pair.serviceName);
      // Label destination_service was removed here; the other two say the same.
      return this.#new("service", `${pair.serviceName}.${pair.serviceNamespace}.svc.cluster.local`);
    }
    const exact = this.#hostFor(pair.service, "");
    if (exact !== null) return this.#remember(pair, "service", exact);
    // A Host header stands here where no route was found: a short name belongs to the namespace of its caller.
    return this.#new("service", this.#hostFor(pair.service, pair.sourceNamespace) ?? pair.service);
  }

  #hostFor(written: string, namespace: string): string | null {
    let hosts = this.#hosts.get(namespace);
    if (hosts === undefined) this.#hosts.set(namespace, (hosts = new Map<string, string | null>()));
    let host = hosts.get(written);
    if (host === undefined) hosts.set(written, (host = this.#lookup(written, namespace)));
    return host;
  }

  #remember({ service, serviceName }: Pair, kind: Target["kind"], host: string): Target {
    let named = this.#targets.get(service);
    if (named === undefined) this.#targets.set(service, (named = new SmallMap<string, Target>()));
    return named.add(serviceName, this.#new(kind, host));
  }

  #new(kind: Target["kind"], host: string): Target {
    const name = isUnknown(host) ? "unknown" : clean(host);
    const id = `${kind} ${name}`;
    let target = this.#byTarget.get(id);
    if (target === undefined) this.#byTarget.set(id, (target = new Target(this.#byTarget.size, kind, name)));
    return target;
  }

  #newWorkload(namespace: string, name: string): WorkloadEnd {
    const place = clean(namespace === "" ? "unknown" : namespace);
    const own = clean(name);
    const key = this.#keyFor(place, own) ?? `${place}/${own}`;
    let end = this.#byKey.get(key);
    if (end === undefined)
      this.#byKey.set(key, (end = new WorkloadEnd(this.#byKey.size, { key, namespace: place, name: own })));
    return end;
  }
}
