import { setTimeout as pause } from "node:timers/promises";
import { Response } from "undici";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Connection } from "../../../../src/data/kubernetes/connect.ts";
import { tailProxies } from "../../../../src/data/kubernetes/podLog/tailProxies.ts";
import { ok } from "../../../../src/data/mesh/result.ts";
import { emptyTail, tailCap, withLines } from "../../../../src/data/mesh/proxyLog/logTail.ts";
import type { TailNews, TailWish } from "../../../../src/data/mesh/proxyLog/tailWish.ts";

const ended: AbortController[] = [];
afterEach(() => {
  for (const one of ended.splice(0)) one.abort();
});

type Answer = (path: URL, signal: AbortSignal | undefined) => Response;

function connectionOf(answer: Answer): Connection {
  return {
    ...{ context: "c", cluster: "c", user: "u", host: "h", namespace: null },
    request: async (path, init) => {
      await Promise.resolve();
      return ok(answer(new URL(path, "http://server"), init?.signal));
    },
    unauthorized: () => ({ kind: "unauthorized", message: "401", advice: null }),
    openSocket: () => Promise.reject(new Error("Logs are read without a WebSocket.")),
  };
}

const wish: TailWish = {
  namespace: "shop",
  name: "web",
  selectors: [{ app: "web" }],
  backlog: 200,
  follows: true,
};

interface Heard {
  readonly news: TailNews[];
  readonly texts: () => readonly string[];
  readonly whys: () => readonly (string | null)[];
  readonly stop: AbortController;
}

/** Pauses of the follower are a hundredth of what they are outside. */
function tail(answer: Answer, change: Partial<TailWish> = {}): Heard {
  const news: TailNews[] = [];
  const stop = new AbortController();
  ended.push(stop);
  void tailProxies({
    connection: connectionOf(answer),
    wish: { ...wish, ...change },
    signal: stop.signal,
    sleep: async (ms, signal) => {
      await pause(ms / 100, undefined, { signal }).catch(() => undefined);
    },
    onNews: (one) => news.push(one),
  });
  return {
    news,
    texts: () => news.flatMap(({ lines }) => lines.map(({ text }) => text)),
    whys: () => news.at(-1)?.pods.map(({ why }) => why) ?? [],
    stop,
  };
}

const pod = (name: string, created: string, containers = ["web", "istio-proxy"]): object => ({
  metadata: { name, creationTimestamp: created },
  spec: { containers: containers.map((container) => ({ name: container })) },
});

const list = (...pods: readonly object[]): Response => Response.json({ kind: "PodList", items: pods });
const one = pod("web-1", "2026-11-21T00:00:00Z");
const status = (code: number, message: string): Response =>
  Response.json({ kind: "Status", code, message }, { status: code });

/** A body that stays open until its request is given up. */
function open(text: string, signal: AbortSignal | undefined): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    }),
  );
}

const isList = ({ pathname }: URL): boolean => pathname === "/api/v1/namespaces/shop/pods";

describe("the access logs of a workload", () => {
  test("are those of the container istio-proxy of its pods, with the kubelet's time and 200 lines of the past", async () => {
    const asked: URL[] = [];
    const heard = tail((url, signal) => {
      asked.push(url);
      return isList(url) ? list(one) : open("2026-11-21T18:00:00.1Z first\n", signal);
    });
    await vi.waitFor(() => expect(heard.texts()).toEqual(["first"]));
    expect(asked[0]?.searchParams.get("labelSelector")).toBe("app=web");
    expect(asked[1]?.pathname).toBe("/api/v1/namespaces/shop/pods/web-1/log");
    expect(Object.fromEntries(asked[1]?.searchParams ?? [])).toEqual({
      container: "istio-proxy",
      follow: "true",
      timestamps: "true",
      tailLines: "200",
    });
  });

  test("of a native sidecar are found among the init containers", async () => {
    const native = {
      metadata: { name: "web-1" },
      spec: { containers: [{ name: "web" }], initContainers: [{ name: "istio-proxy" }] },
    };
    const heard = tail((url, signal) => (isList(url) ? list(native) : open("line\n", signal)));
    await vi.waitFor(() => expect(heard.texts()).toEqual(["line"]));
  });

  test("of more than five pods are those of the newest five, and it is said how many are left out", async () => {
    const pods = Array.from({ length: 7 }, (_, n) => pod(`web-${n}`, `2026-11-2${n}T00:00:00Z`));
    const heard = tail((url, signal) =>
      isList(url) ? list(...pods) : open(`from ${url.pathname}\n`, signal),
    );
    await vi.waitFor(() => expect(heard.texts()).toHaveLength(5));
    expect(heard.news.at(-1)).toMatchObject({ others: 2 });
    expect(heard.news.at(-1)?.pods.map(({ pod: name }) => name)).toEqual([
      "web-2",
      "web-3",
      "web-4",
      "web-5",
      "web-6",
    ]);
  });

  test("of several pods come in the order of their times", async () => {
    const second = pod("web-2", "2026-11-20T00:00:00Z");
    const heard = tail((url, signal) => {
      if (isList(url)) return list(one, second);
      const own = url.pathname.includes("web-1") ? ["1 a", "3 c"] : ["2 b", "4 d"];
      return open(own.map((said) => `2026-11-21T18:00:0${said}\n`.replace(" ", "Z ")).join(""), signal);
    });
    await vi.waitFor(() => expect(heard.texts()).toEqual(["a", "b", "c", "d"]));
    expect(heard.news[0]?.lines.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });
});

describe("a log that breaks off", () => {
  test("goes on after the last line, and brings none twice", async () => {
    const log = ["00.1Z a", "00.2Z b", "00.2Z c", "00.9Z d", "02.0Z e"].map(
      (said) => `2026-11-21T18:00:${said}\n`,
    );
    const asked: URL[] = [];
    const heard = tail((url, signal) => {
      if (isList(url)) return list(one);
      asked.push(url);
      // The first stream ends after c, in the middle of the second; sinceTime knows no part of a second.
      return asked.length === 1 ? new Response(log.slice(0, 3).join("")) : open(log.join(""), signal);
    });
    await vi.waitFor(() => expect(heard.texts()).toEqual(["a", "b", "c", "d", "e"]));
    expect(asked[1]?.searchParams.get("sinceTime")).toBe("2026-11-21T18:00:00Z");
    expect(asked[1]?.searchParams.has("tailLines")).toBe(false);
  });

  test("because its pod was replaced goes on with the new one", async () => {
    let replaced = false;
    const heard = tail((url, signal) => {
      if (isList(url)) return list(replaced ? pod("web-2", "2026-11-22T00:00:00Z") : one);
      if (url.pathname.includes("web-2")) return open("2026-11-21T18:00:05Z new\n", signal);
      if (replaced) return status(404, 'pods "web-1" not found');
      replaced = true;
      return new Response("2026-11-21T18:00:00Z old\n");
    });
    await vi.waitFor(() => expect(heard.texts()).toEqual(["old", "new"]));
    expect(heard.news.at(-1)?.pods.map(({ pod: name }) => name)).toEqual(["web-2"]);
  });
});

describe("why a log cannot be read", () => {
  test.each([
    [
      403,
      'pods "web-1" is forbidden: User "u" cannot get resource "pods/log"',
      "You may not read logs in shop: the right to get pods/log is missing (deploy/rbac.yaml, meshtop-logs).",
    ],
    [400, "container istio-proxy is not valid for pod web-1", "Pod web-1 has no container istio-proxy."],
    [
      400,
      'container "istio-proxy" in pod "web-1" is waiting to start: PodInitializing',
      "The proxy of web-1 has not started yet.",
    ],
    [404, 'pods "web-1" not found', "Pod web-1 is gone."],
    [
      500,
      'Get "https://10.0.0.1:10250/containerLogs": dial tcp 10.0.0.1:10250: i/o timeout',
      'The API server refuses the log of shop/web-1: Get "https://10.0.0.1:10250/containerLogs": dial tcp 10.0.0.1:10250: i/o timeout.',
    ],
  ])("is one sentence after a %i: %s", async (code, message, sentence) => {
    // A pod that is named is not looked for.
    const heard = tail(() => status(code, message), { name: "web-1", selectors: null });
    await vi.waitFor(() => expect(heard.whys()).toEqual([sentence]));
  });

  test("is told where the workload has no pod, none with a proxy, or none that is known as its own", async () => {
    for (const [answer, selectors, sentence] of [
      [list(), [{ app: "web" }], "shop/web has no pod just now."],
      [
        list(pod("web-1", "", ["web"])),
        [{ app: "web" }],
        "No pod of shop/web has a container istio-proxy: it is outside of the mesh, or in it by ztunnel.",
      ],
      [list(one), [{}], "Nothing tells which pods are those of shop/web; :logs shop/POD takes one."],
    ] as const) {
      const heard = tail(() => answer, { selectors });
      await vi.waitFor(() => expect(heard.news.at(-1)?.problem).toBe(sentence));
    }
  });
});

test("a log that is left is not read any more, and nothing is told of it", async () => {
  const signals: AbortSignal[] = [];
  const heard = tail((url, signal) => {
    if (signal !== undefined) signals.push(signal);
    return isList(url) ? list(one) : open("line\n", signal);
  });
  await vi.waitFor(() => expect(heard.texts()).toEqual(["line"]));
  heard.stop.abort();
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
  const told = heard.news.length;
  await pause(50);
  expect(heard.news).toHaveLength(told);
});

test("200,000 lines at once are told in few pieces, and hold no more memory than a tail may", async () => {
  const text = `2026-11-21T18:00:00.1Z ${"x".repeat(250)}\n`.repeat(2000);
  let chunks = 100;
  const heard = tail((url) => {
    if (isList(url)) return list(one);
    if (!url.searchParams.has("tailLines")) return new Response("");
    return new Response(
      new ReadableStream({
        pull(controller) {
          if ((chunks -= 1) < 0) controller.close();
          else controller.enqueue(new TextEncoder().encode(text));
        },
      }),
    );
  });
  const counted = (): number => heard.news.reduce((sum, { lines, lost }) => sum + lines.length + lost, 0);
  await vi.waitFor(() => expect(counted()).toBe(200_000), 20_000);
  let kept = emptyTail;
  for (const { lines, lost } of heard.news) kept = withLines(kept, lines, lost);
  expect(kept.bytes).toBeLessThanOrEqual(tailCap);
  expect(kept.dropped + kept.lines.length).toBe(200_000);
}, 30_000);
