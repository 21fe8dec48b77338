/** The two API servers that contract tests hold to one behaviour: the embedded one and a real kube-apiserver. */
import { afterAll, beforeAll, describe } from "vitest";
import { fetch, type RequestInit } from "undici";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import { realServersAbsent, startControlPlane } from "./controlPlane.ts";

/** An answer with its body read. */
interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** The body as JSON of the type that the test expects; throws where it is none. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the test knows what it asked for
  json<T = Record<string, unknown>>(): T;
}

export interface KubeWorld {
  readonly url: string;
  readonly kubeconfig: string;
  /** A request as somebody who may do everything. The body is read. */
  fetch(path: string, init?: RequestInit): Promise<Answer>;
  /** A request as somebody whose token nobody knows. */
  fetchAsStranger(path: string): Promise<Answer>;
  /** The events of a watch until there are enough of them, or until the server ends it. */
  watch(
    path: string,
    enough: (newest: WatchEvent) => boolean,
    init?: RequestInit,
  ): Promise<readonly WatchEvent[]>;
  /** Makes moments so far unavailable to paged lists, as etcd's compaction does every few minutes. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: {
    readonly kind: string;
    readonly apiVersion: string;
    readonly metadata: {
      readonly name?: string;
      readonly resourceVersion?: string;
      readonly labels?: Readonly<Record<string, string>>;
    };
    readonly [field: string]: unknown;
  };
}

interface KubeWorldEntry {
  readonly name: string;
  /** Why this world can't be visited here, or `null`. */
  readonly absent: string | null;
  start(): Promise<KubeWorld>;
}

type Ask = (path: string, init?: RequestInit) => ReturnType<typeof fetch>;

async function read(answer: Awaited<ReturnType<typeof fetch>>): Promise<Answer> {
  const text = await answer.text();
  return {
    status: answer.status,
    contentType: answer.headers.get("content-type") ?? "",
    text,
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as above
    json: <T>() => JSON.parse(text) as T,
  };
}

async function* linesOf(answer: Awaited<ReturnType<typeof fetch>>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
}

function asked(ask: Ask): Pick<KubeWorld, "fetch" | "fetchAsStranger" | "watch"> {
  return {
    fetch: async (path, init) => read(await ask(path, init)),
    fetchAsStranger: async (path) => read(await ask(path, { headers: { authorization: "Bearer stale" } })),
    watch: async (path, enough, init = {}) => {
      const stopping = new AbortController();
      const answer = await ask(path, { ...init, signal: stopping.signal });
      const events: WatchEvent[] = [];
      for await (const line of linesOf(answer)) {
        const event = JSON.parse(line) as WatchEvent;
        events.push(event);
        if (enough(event)) break;
      }
      stopping.abort();
      return events;
    },
  };
}

async function startEmbedded(): Promise<KubeWorld> {
  const server = await startKubeServer({ clock: () => Date.now() });
  return {
    url: server.url,
    kubeconfig: server.kubeconfig,
    ...asked((path, init) => fetch(`${server.url}${path}`, init)),
    compact: () => {
      server.compact();
      return Promise.resolve();
    },
    stop: () => server.stop(),
  };
}

async function startReal(): Promise<KubeWorld> {
  const plane = await startControlPlane();
  return {
    url: plane.url,
    kubeconfig: plane.kubeconfig,
    ...asked((path, init) => plane.fetch(path, init)),
    compact: () => plane.compact(),
    stop: () => plane.stop(),
  };
}

/** Both worlds. The real one is absent, with a reason, where its programs are not installed. */
function kubeWorlds(): readonly KubeWorldEntry[] {
  return [
    { name: "the embedded API server", absent: null, start: startEmbedded },
    { name: "a real kube-apiserver", absent: realServersAbsent(), start: startReal },
  ];
}

/** One suite in each world, on a server of its own; skipped with the reason in its name where the world is absent. */
export function inBothWorlds(subject: string, suite: (world: () => KubeWorld) => void): void {
  for (const entry of kubeWorlds()) {
    const why = entry.absent === null ? "" : ` (skipped: ${entry.absent})`;
    describe.skipIf(entry.absent !== null)(`${subject}, ${entry.name}${why}`, () => {
      let world: KubeWorld | null = null;
      beforeAll(async () => {
        world = await entry.start();
      });
      afterAll(async () => {
        await world?.stop();
      });
      suite(() => {
        if (world === null) throw new Error("The server has not started.");
        return world;
      });
    });
  }
}

/** The collection of a namespaced kind: `collection("networking.istio.io/v1", "virtualservices")`. */
export function collection(groupVersion: string, plural: string, namespace = "default"): string {
  const root = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  return `${root}/namespaces/${namespace}/${plural}`;
}

/** A request that sends JSON. */
export function sending(method: string, body: unknown, contentType = "application/json"): RequestInit {
  return { method, headers: { "content-type": contentType }, body: JSON.stringify(body) };
}

/** A VirtualService that splits traffic between two subsets of `reviews`. */
export function splitRoute(name: string, labels: Readonly<Record<string, string>> = {}) {
  const to = (subset: string, weight: number) => ({ destination: { host: "reviews", subset }, weight });
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, labels },
    spec: { hosts: ["reviews"], http: [{ route: [to("v1", 90), to("v2", 10)] }] },
  };
}

/** Requests to an embedded server as somebody who may do everything. */
export const embeddedWorld = ({ url }: { readonly url: string }): Pick<KubeWorld, "fetch"> => ({
  fetch: async (path, init) => read(await fetch(url + path, init)),
});
