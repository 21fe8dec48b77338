/** Finds the cluster and the Prometheus that were asked for, or starts the simulated ones, and sets both feeding the store. */
import type { Config } from "./config.ts";
import type { Connection } from "./kubernetes/connect.ts";
import type { tailProxies as TailProxies } from "./kubernetes/podLog/tailProxies.ts";
import type { LiveMesh } from "./liveMesh.ts";
import { readText } from "./loadConfig.ts";
import type { ResourceRef } from "./mesh/declared/meta.ts";
import { memoryRoom } from "./memoryRoom.ts";
import type { DataError, Result } from "./mesh/result.ts";
import { ok } from "./mesh/result.ts";
import type { Instant, Millis } from "./mesh/units.ts";
import type { TailNews, TailWish } from "./mesh/proxyLog/tailWish.ts";
import type { ChosenPrometheus } from "./prometheus/choose.ts";
import { choosePrometheus, metricNames } from "./prometheus/choose.ts";
import type { ProxyReader } from "./proxyReader.ts";
import type { Store } from "./store.ts";
import { tidyMemory } from "./tidyMemory.ts";

/** Lines of a log that come at once, a few times a second, and are garbage some seconds later. */
const FLOOD_LINES = 500;

/** What the user asked for; `null` where nothing was said. */
interface SourceWish {
  readonly context: string | null;
  readonly kubeconfig: string | null;
  readonly namespace: string | null;
  readonly allNamespaces: boolean;
  readonly prometheus: string | null;
  readonly prometheusTokenFile: string | null;
  readonly prometheusCa: string | null;
  readonly prometheusHeaders: readonly string[];
  /** PROMETHEUS_URL. */
  readonly environmentUrl: string | null;
  /** Scenario of the simulated mesh; `null`: a real cluster. */
  readonly demo: string | null;
  /** A page of that scenario; `null`: its first. */
  readonly variant: string | null;
  /** Manifests that are simulated: alone where `demo` is no scenario of meshtop's, else in it. */
  readonly files: readonly string[];
  readonly seed: number;
}

export interface SourceOptions {
  readonly store: Store;
  readonly wish: SourceWish;
  readonly config: Config;
  readonly window: Millis;
  readonly refresh: Millis;
  readonly now: () => Instant;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface Sources {
  readonly live: LiveMesh;
  readonly connection: Result<Connection, DataError>;
  /** A fresh look at one object; errors as the connection's. */
  readonly readObject: (ref: ResourceRef) => Promise<Result<unknown, DataError>>;
  /** Follows access logs until the function it returns is called, or all that was asked for is read; `null`: there is no connection. */
  readonly tail: ((wish: TailWish, onNews: (news: TailNews) => void) => () => void) | null;
  /** As `live.previewStrict`, over an hour or more. */
  readonly previewStrict: (namespace: string) => ReturnType<LiveMesh["previewStrict"]>;
  readonly proxies: ProxyReader;
}

/** Where the mesh lives: a kubeconfig, and a Prometheus if one is known. */
interface Place {
  readonly kubeconfig:
    { readonly paths: readonly string[] } | { readonly text: string } | { readonly env: true };
  readonly context: string | null;
  readonly prometheus: Result<ChosenPrometheus, DataError>;
}

async function simulated(
  scenario: string,
  { wish, now, signal, store }: SourceOptions,
): Promise<Result<Place, DataError>> {
  const [{ startDemo }, { readManifestFiles }] = await Promise.all([
    import("./demo/startDemo.ts"),
    import("./manifestFiles.ts"),
  ]);
  const documents = readManifestFiles(wish.files);
  if (!documents.ok) return documents;
  const { variant, seed, namespace } = wish;
  const own =
    wish.files.length === 0 ? null : { documents: documents.value, namespace: namespace ?? "default" };
  const demo = await startDemo({ scenario, variant, own, seed, clock: now });
  if (!demo.ok) return demo;
  for (const remark of demo.value.remarks) store.remark(remark);
  signal.addEventListener("abort", () => void demo.value.stop());
  const { kubeconfig, prometheusUrl } = demo.value;
  const prometheus = { is: "named", options: { url: prometheusUrl } } as const;
  return ok({ kubeconfig: { text: kubeconfig }, context: null, prometheus: ok(prometheus) });
}

function real({ wish, config }: SourceOptions): Place {
  const prometheus = choosePrometheus(
    {
      flag: wish.prometheus,
      environment: wish.environmentUrl,
      tokenFile: wish.prometheusTokenFile,
      caFile: wish.prometheusCa,
      headers: wish.prometheusHeaders,
      configured: config.prometheus,
    },
    readText,
  );
  const kubeconfig = wish.kubeconfig === null ? ({ env: true } as const) : { paths: [wish.kubeconfig] };
  return { kubeconfig, context: wish.context, prometheus };
}

function tailerOf(
  tailProxies: typeof TailProxies,
  { sleep, signal: end }: SourceOptions,
  { flooded }: ReturnType<typeof tidyMemory>,
): (connection: Connection) => NonNullable<Sources["tail"]> {
  return (connection) => (wish, onNews) => {
    const stop = new AbortController();
    const signal = AbortSignal.any([end, stop.signal]);
    const told = (news: TailNews): void => {
      if (news.lines.length >= FLOOD_LINES) flooded();
      onNews(news);
    };
    void tailProxies({ connection, wish, signal, sleep, onNews: told });
    return () => stop.abort();
  };
}

/**
 * Errors: `config` where nothing can ever come of it (an unknown scenario, a metric of no meaning). A cluster that cannot be
 * reached is a state of the store, and an error in `connection`.
 */
export async function openSources(options: SourceOptions): Promise<Result<Sources, DataError>> {
  const { wish, config } = options;
  const place = wish.demo === null ? ok(real(options)) : await simulated(wish.demo, options);
  if (!place.ok) return place;
  const names = metricNames(config.prometheus.metrics);
  if (!names.ok) return names;
  // The client libraries are most of the bundle's start-up: the first frame does not wait for them.
  const [{ connect }, { readObject }, { proxyReader }, { startLiveMesh }, { tailProxies }] =
    await Promise.all([
      import("./kubernetes/connect.ts"),
      import("./kubernetes/readObject.ts"),
      import("./proxyReader.ts"),
      import("./liveMesh.ts"),
      import("./kubernetes/podLog/tailProxies.ts"),
    ]);
  const { kubeconfig, context, prometheus } = place.value;
  const connection = await connect({ kubeconfig, context });
  const namespace = wish.allNamespaces ? null : wish.namespace;
  const { matchers } = config.prometheus;
  const memory = tidyMemory(options.signal);
  const shared = { ...options, room: memoryRoom() };
  const live = startLiveMesh({ ...shared, connection, prometheus, names: names.value, matchers, namespace });
  const tail = tailerOf(tailProxies, options, memory);
  return ok({
    live,
    connection,
    tail: connection.ok ? tail(connection.value) : null,
    previewStrict: (namespace) => live.previewStrict(namespace, null),
    proxies: proxyReader(connection, { declared: () => live.declared(), now: options.now }),
    readObject: (ref) => (connection.ok ? readObject(connection.value, ref) : Promise.resolve(connection)),
  });
}
