import type { MtlsMode } from "../declared/security.ts";
import type { Seen } from "../join/tally.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { Lock } from "../model/security.ts";
import type { Workload } from "../model/workload.ts";
import type { Client } from "../resolve/client.ts";
import { destinationRuleFor, policyFor } from "../resolve/destinationRules.ts";
import { predictLock, type LockInput } from "../resolve/lock.ts";
import { effectiveMtls, modeOnPort } from "../resolve/mtls.ts";
import { keptWhile, onceFor } from "../resolve/once.ts";
import { SmallMap } from "../smallMap.ts";
import { ratio } from "../units.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { sidecarIn, type KnownService } from "./knownServices.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";

/**
 * The lock of what was seen (istio.md 5): rates by `connection_security_policy` from destination and waypoint reporters, never from a source, whose
 * `unknown` is not plaintext. What such a reporter did not name counts against `full` and against `none`: a lock is closed, or open, by evidence only.
 */
export function lockOf({ mtls, plain, hidden }: Readonly<Seen>, predicted: Lock["predicted"]): Lock {
  if (mtls + plain === 0) return unknown(predicted);
  const part = mtls / (mtls + plain + hidden);
  if (hidden > 0) return { state: "partial", mtls: mtls === 0 ? null : ratio(part), predicted };
  if (mtls === 0) return none(predicted);
  return plain === 0 ? full(predicted) : { state: "partial", mtls: ratio(part), predicted };
}

type Predicted = Lock["predicted"];

/** Nearly all locks of a mesh say one of a dozen things: one object for each of these. */
function locks(state: Lock["state"], mtls: Lock["mtls"]): (predicted: Predicted) => Lock {
  const lockWith = (predicted: Predicted): Lock => ({ state, mtls, predicted });
  const [closed, open, broken, unpredicted] = [
    lockWith("mtls"),
    lockWith("plaintext"),
    lockWith("broken"),
    lockWith(null),
  ];
  return (predicted) =>
    predicted === null
      ? unpredicted
      : predicted === "mtls"
        ? closed
        : predicted === "plaintext"
          ? open
          : broken;
}

const unknown = locks("unknown", null);
const none = locks("none", ratio(0));
const full = locks("full", ratio(1));

/** Who calls, as far as prediction asks. */
export interface CallingSide {
  readonly client: Client;
  readonly proxy: Workload["proxy"];
}

/** Whoever calls without a proxy. */
export const stranger: CallingSide = { client: sidecarIn(""), proxy: "none" };

/** Any sidecar of the namespace, as far as its labels do not matter. */
export function anySidecarIn(known: KnownMesh, namespace: string): CallingSide {
  const { sidecars } = memoryOf(known);
  let side = sidecars.get(namespace);
  if (side === undefined)
    sidecars.set(namespace, (side = { client: sidecarIn(namespace), proxy: "sidecar" }));
  return side;
}

/** Predictions follow from the declared side alone, so they live as long as it does. */
class Memory {
  readonly sidecars = new Map<string, CallingSide>();
  readonly predictions = new Map<CallingSide, Predictions>();
  readonly modes = new Map<string, MtlsMode>();
}

const memoryOf = onceFor<KnownMesh, Memory>(() => new Memory());

/** What configuration promises for calls of one client. */
export class Predictions {
  readonly #known: KnownMesh;
  readonly #from: CallingSide;
  // The answer itself for each service: an object between would be one more of thousands to fetch from memory.
  readonly #ofServices = new SmallMap<KnownService, Predicted>();
  readonly #ofAnswers = new SmallMap<KnownService, SmallMap<WorkloadKey, Predicted>>();

  constructor(known: KnownMesh, from: CallingSide) {
    this.#known = known;
    this.#from = from;
  }

  /**
   * One answer if it is the same for every workload and port behind, else `null`.
   * @param only the workload that answers; `null`: any of them.
   */
  of(service: KnownService, only: WorkloadKey | null): Predicted {
    if (only !== null) return this.#ofAnswer(service, only);
    const known = this.#ofServices.get(service);
    if (known !== undefined) return known;
    return this.#ofServices.add(service, predicted(this.#known, this.#from, service, null));
  }

  #ofAnswer(service: KnownService, only: WorkloadKey): Predicted {
    const answers =
      this.#ofAnswers.get(service) ?? this.#ofAnswers.add(service, new SmallMap<WorkloadKey, Predicted>());
    const known = answers.get(only);
    if (known !== undefined) return known;
    return answers.add(only, predicted(this.#known, this.#from, service, only));
  }
}

/** The same object for the same client. */
export function predictionsOf(known: KnownMesh, from: CallingSide): Predictions {
  const { predictions } = memoryOf(known);
  let ofCaller = predictions.get(from);
  if (ofCaller === undefined) predictions.set(from, (ofCaller = new Predictions(known, from)));
  return ofCaller;
}

const keptServing = new WeakMap<object, { parts: readonly unknown[]; value: object }>();
const keptServers = new WeakMap<object, { parts: readonly unknown[]; value: object }>();

/** What stands for everything that predictions look at on the side of a service: the same object, the same predictions for one caller's DestinationRule. */
export function servingSide(known: KnownMesh, service: KnownService): object {
  const { registry, workloads } = known;
  const { settings, peerAuthentications } = registry;
  return keptWhile(keptServing, service, [settings, peerAuthentications, workloads], () => {
    const servers = service.workloads.flatMap((key) => serverParts(known, key));
    return keptWhile(keptServers, service, [settings, ...servers], () => ({}));
  });
}

/** What predictions look at in one workload that answers. */
function serverParts(known: KnownMesh, key: WorkloadKey): readonly unknown[] {
  const workload = known.workloads.get(key);
  return workload === undefined ? [workload] : [workload, namespaceModeOf(known, workload.namespace)];
}

function predicted(
  known: KnownMesh,
  from: CallingSide,
  service: KnownService,
  only: WorkloadKey | null,
): Lock["predicted"] {
  const { registry } = known;
  const { client, isPassthrough } = callingWith(known, from, service);
  const { autoMtls } = registry.settings;
  if (service.kind === "external" && service.workloads.length === 0) {
    return predictLock({ client, server: { is: "external" }, autoMtls });
  }
  const together = isPassthrough || service.allSidecars !== undefined;
  const allSidecars = together ? { allSidecars: haveAllSidecars(known, service) } : {};
  const answers = new Set<Lock["predicted"]>();
  for (const key of only === null ? service.workloads : [only]) {
    const workload = known.workloads.get(key);
    if (workload === undefined) return null;
    for (const server of serversOf(known, service, workload))
      answers.add(predictLock({ client, server: { ...server, ...allSidecars }, autoMtls }));
  }
  return answers.size === 1 ? ([...answers][0] ?? null) : null;
}

/** What the client's proxy has for the service. */
function callingWith(
  { registry }: KnownMesh,
  from: CallingSide,
  service: KnownService,
): { readonly client: LockInput["client"]; readonly isPassthrough: boolean } {
  const rule = from.proxy === "none" ? null : destinationRuleFor(registry, service.host, from.client);
  const { tls, loadBalancer } = policyFor(registry, rule, null, null);
  return {
    client: { proxy: from.proxy, tls: tls?.value.mode ?? null },
    isPassthrough: loadBalancer?.value.simple === "PASSTHROUGH",
  };
}

type Server = Extract<LockInput["server"], { is: "workload" }>;

/** Each way in which one workload stands behind a service. */
function serversOf(
  known: KnownMesh,
  service: KnownService,
  workload: KnownWorkload,
): readonly Omit<Server, "allSidecars">[] {
  // It has no endpoint now: scaled to zero, say.
  if (service.allSidecars === true && workload.proxy === "none") return [];
  const namespaceMode = namespaceModeOf(known, workload.namespace);
  const proxies = hasBarePods(known, service) ? [workload.proxy, "none" as const] : [workload.proxy];
  return proxies.flatMap((proxy) =>
    [...modesBehind(service, workload)].map(
      (mode) => ({ is: "workload", proxy, mode, namespaceMode }) as const,
    ),
  );
}

/** By the endpoints' pods; where those can't be seen, by the workloads. `null`: the proxy of some of them is not known. */
function haveAllSidecars(
  { workloads }: KnownMesh,
  { allSidecars, workloads: keys }: KnownService,
): boolean | null {
  if (typeof allSidecars === "boolean") return allSidecars;
  const proxies = keys.map((key) => workloads.get(key)?.proxy ?? "unknown");
  if (proxies.some((proxy) => proxy === "none" || proxy === "ambient")) return false;
  return proxies.includes("unknown") ? null : true;
}

/** Where each workload has sidecars and not each endpoint has one, pods are left that were there before the injector was. */
function hasBarePods({ workloads }: KnownMesh, { allSidecars, workloads: keys }: KnownService): boolean {
  return allSidecars === false && keys.every((key) => workloads.get(key)?.proxy === "sidecar");
}

/** What the namespace asks of whoever calls, where nothing more special does. */
export function namespaceModeOf(known: KnownMesh, namespace: string): MtlsMode {
  const { modes } = memoryOf(known);
  const mode = modes.get(namespace) ?? effectiveMtls(known.registry, namespace, null).mode;
  modes.set(namespace, mode);
  return mode;
}

/** The modes on the container ports that the service's ports lead to. */
export function modesBehind(
  { ports }: KnownService,
  { mtls, kube }: KnownWorkload,
): ReadonlySet<KnownWorkload["mtls"]["mode"]> {
  const modes = new Set(
    ports.map(({ port, targetPort }) => {
      const number =
        typeof targetPort === "string"
          ? kube.containerPorts.find(({ name }) => name === targetPort)?.port
          : (targetPort ?? port);
      return number === undefined ? mtls.mode : modeOnPort(mtls, number);
    }),
  );
  return modes.size === 0 ? new Set([mtls.mode]) : modes;
}
