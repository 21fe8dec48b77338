/** The two sources feeding one store: the cluster is watched, Prometheus is polled, each failing and recovering by itself. */
import type { Connection } from "./kubernetes/connect.ts";
import type { PartialRoom } from "./kubernetes/part.ts";
import { findPrometheus } from "./kubernetes/findPrometheus.ts";
import { watchMesh } from "./kubernetes/watchMesh.ts";
import type { Arrival, ArrivalWish } from "./mesh/arrival.ts";
import { splitSince } from "./mesh/arrivalSplit.ts";
import { clean } from "./mesh/clean.ts";
import type { Declared } from "./mesh/declared/declared.ts";
import { emptyDeclared } from "./mesh/declared/declared.ts";
import type { ServiceKey } from "./mesh/model/keys.ts";
import type { Mesh } from "./mesh/model/mesh.ts";
import type { DataError, Result } from "./mesh/result.ts";
import { fail, ok } from "./mesh/result.ts";
import type { Instant, Millis } from "./mesh/units.ts";
import { registryOf } from "./mesh/resolve/registry.ts";
import { leastOver, strictPreview, type StrictPreview } from "./mesh/strictPreview.ts";
import type { PrometheusApi } from "./prometheus/api.ts";
import { prometheusApi } from "./prometheus/api.ts";
import { askArrived } from "./prometheus/arrivedQueries.ts";
import { followArrival } from "./prometheus/followArrival.ts";
import type { MetricNames } from "./prometheus/metrics.ts";
import type { Poll } from "./prometheus/poll.ts";
import { startPoll } from "./prometheus/poll.ts";
import type { ChosenPrometheus } from "./prometheus/choose.ts";
import type { Transport } from "./prometheus/transport.ts";
import { directTransport, transportThrough } from "./prometheus/transport.ts";
import type { Room } from "./memoryRoom.ts";
import type { Store } from "./store.ts";
import type { Telemetry } from "./mesh/telemetry.ts";

/** Longest wait for one answer of Prometheus. */
const QUERY_TIMEOUT_MS = 10_000;

export interface LiveOptions {
  readonly store: Store;
  readonly connection: Result<Connection, DataError>;
  /** `discovered`: look for one in the cluster and reach it through the API server. */
  readonly prometheus: Result<ChosenPrometheus, DataError>;
  readonly names: MetricNames;
  readonly matchers: string;
  /** `null`: the whole cluster where that may be read. */
  readonly namespace: string | null;
  readonly window: Millis;
  readonly refresh: Millis;
  /** Endless by default. */
  readonly room?: Room;
  readonly now: () => Instant;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface LiveMesh {
  /** What the cluster said last. */
  declared(): Declared;
  refresh(): void;
  /** Services that are on screen, first things first. */
  focus(services: readonly ServiceKey[]): void;
  /**
   * Counts what callers send since a patch: the last word, or the newest one where `signal` ends it before. Never rejects.
   *
   * @param at when the API server took the patch, by the clock of the options.
   */
  follow(wish: ArrivalWish, at: Instant, following: Following): Promise<Arrival>;
  /**
   * Who came in plaintext, and whom STRICT would cut off. Errors: Prometheus did not answer.
   *
   * @param over `null`: the window of the rates, but no less than an hour.
   */
  previewStrict(namespace: string, over: Millis | null): Promise<Result<StrictPreview, DataError>>;
}

/** How a shift is followed. */
interface Following {
  /** Hears of every look, the last one too. */
  readonly onProgress: (arrival: Arrival) => void;
  readonly signal: AbortSignal;
  /** From the patch to the last word; two minutes unless told. */
  readonly longest?: Millis;
}

const noPrometheus: DataError = {
  kind: "absent",
  message: "No Prometheus was named, and none was found among the Services that can be seen.",
  advice: "Name it with --prometheus URL.",
};

type Headers = Extract<ChosenPrometheus, { is: "discovered" }>["headers"];

function foundInCluster(connection: Connection, declared: Declared, headers: Headers): Transport | null {
  const found = findPrometheus(declared.services);
  if (found === null) return null;
  const where = `Prometheus ${found.name} through the API server`;
  return transportThrough(connection.request, found.path, where, headers);
}

/** What `destination_service` calls the services. A key that the mesh does not hold is no service any more. */
function hostsOf(mesh: Mesh, keys: readonly ServiceKey[]): readonly string[] {
  const hosts = new Map(mesh.services.map(({ key, host }) => [key, host]));
  return keys.flatMap((key) => hosts.get(key) ?? []);
}

function hasListed(declared: Declared, kind: string): boolean {
  return declared.kinds.some((status) => status.kind === kind && status.state.is !== "loading");
}

/** Starts a poll once, over whichever transport comes first. */
function pollStarter(options: LiveOptions): {
  start(transport: Transport): void;
  current(): { readonly poll: Poll; readonly api: PrometheusApi } | null;
} {
  let running: { readonly poll: Poll; readonly api: PrometheusApi } | null = null;
  return {
    current: () => running,
    start(transport) {
      if (running !== null) return;
      const api = prometheusApi(transport, QUERY_TIMEOUT_MS);
      const onAnswer = (result: Result<Telemetry, DataError>): void =>
        options.store.commitTelemetry(result, options.now());
      const room = options.room === undefined ? {} : { mostRates: options.room.mostRates };
      running = { api, poll: startPoll({ ...options, ...room, api, onAnswer }) };
    },
  };
}

/** The last word where there is no Prometheus yet is `missing`'s sentence. */
function follower(
  options: LiveOptions,
  current: () => { readonly api: PrometheusApi } | null,
  known: { readonly declared: () => Declared; readonly missing: DataError },
): LiveMesh["follow"] {
  return (wanted, at, following) =>
    followArrival({
      ...options,
      ...following,
      api: () => {
        const api = current()?.api;
        return api === undefined ? fail(known.missing) : ok(api);
      },
      wanted,
      at,
      splitOf: (counted) => splitSince(known.declared(), wanted, counted),
      signal: AbortSignal.any([options.signal, following.signal]),
    });
}

function strictPreviewer(
  { names, matchers, window }: LiveOptions,
  current: () => { readonly api: PrometheusApi } | null,
  known: { readonly declared: () => Declared; readonly missing: DataError },
): LiveMesh["previewStrict"] {
  return async (namespace, asked) => {
    const over = asked ?? (window > leastOver ? window : leastOver);
    const api = current()?.api;
    if (api === undefined) return fail(known.missing);
    const { rootNamespace } = registryOf(known.declared()).settings;
    const where = namespace === rootNamespace ? null : namespace;
    const arrived = await askArrived(api, { names, matchers, namespace: where, over });
    return arrived.ok ? ok(strictPreview(known.declared(), namespace, arrived.value, over)) : arrived;
  };
}

/** Says what is shown where not all of the cluster fits. */
function partialRoom({ isShort, megabytes }: Room, store: Store): PartialRoom {
  const reason = `This cluster does not fit into the ${megabytes} MB that meshtop may use for it`;
  return {
    isShort,
    onPart(part, namespace) {
      const shown =
        part === "withoutPods"
          ? "its pods are not read"
          : `only namespace ${clean(namespace)} is shown. Name another one with -n, or give it more memory`;
      store.remark(`${reason}: ${shown}.`);
    },
  };
}

/** The transport to a Prometheus that was named; `null`: one has to be found. */
function transportOf(prometheus: LiveOptions["prometheus"]): Result<Transport | null, DataError> {
  if (!prometheus.ok) return prometheus;
  return prometheus.value.is === "named" ? directTransport(prometheus.value.options) : ok(null);
}

/** Starts both sources; they end with `signal`. What fails is a state in the store, never an exception. */
export function startLiveMesh(options: LiveOptions): LiveMesh {
  const { store, connection, now, prometheus } = options;
  const poll = pollStarter(options);
  const named = transportOf(prometheus);
  let declared = emptyDeclared;

  if (!named.ok) store.commitTelemetry(named, now());
  else if (named.value !== null) poll.start(named.value);
  if (prometheus.ok && prometheus.value.is === "discovered" && prometheus.value.unsent !== null) {
    store.remark(prometheus.value.unsent);
  }

  function lookForPrometheus(changed: Declared): void {
    if (!prometheus.ok || prometheus.value.is === "named") return;
    if (poll.current() !== null || !connection.ok) return;
    const transport = foundInCluster(connection.value, changed, prometheus.value.headers);
    if (transport !== null) poll.start(transport);
    else if (hasListed(changed, "services")) store.commitTelemetry(fail(noPrometheus), now());
  }

  if (connection.ok) {
    const { namespace, signal } = options;
    const onChange = (changed: Declared, state: Parameters<Store["commitDeclared"]>[1]): void => {
      declared = changed;
      store.commitDeclared(changed, state);
      lookForPrometheus(changed);
    };
    const room = options.room === undefined ? {} : { room: partialRoom(options.room, store) };
    watchMesh(connection.value, { namespace, signal, now, onChange, ...room });
  } else {
    store.commitDeclared(emptyDeclared, { is: "stale", at: null, error: connection.error });
    if (named.ok && named.value === null) store.commitTelemetry(fail(noPrometheus), now());
  }
  const known = { declared: () => declared, missing: named.ok ? noPrometheus : named.error };
  return {
    declared: known.declared,
    refresh: () => poll.current()?.poll.refresh(),
    focus: (services) => poll.current()?.poll.focus(hostsOf(store.snapshot(), services)),
    follow: follower(options, () => poll.current(), known),
    previewStrict: strictPreviewer(options, () => poll.current(), known),
  };
}
