import { expect, test } from "vitest";
import type { LogLine } from "../../../src/data/mesh/proxyLog/logTail.ts";
import { parseAccessLine } from "../../../src/data/mesh/proxyLog/accessEntry.ts";
import type { TailNews, TailWish } from "../../../src/data/mesh/proxyLog/tailWish.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { parseCommand, type LogsCommand } from "../../../src/ui/commands/parseCommand.ts";
import { performLogs } from "../../../src/ui/commands/performLogs.ts";
import { meshOf, shopOf } from "../../support/builtMesh.ts";

const mesh = meshOf(shopOf());

/** What Envoy writes of a request that was answered so. */
const lineOf = (id: number, pod: string, code: number): LogLine => {
  const text = `[2026-11-21T18:00:00.123Z] "GET /items HTTP/1.1" ${code} - via_upstream - "-" 0 1 2 1 "-" "curl" "id" "catalog" "10.0.0.1:80" inbound|80|| 10.0.0.1:1 10.0.0.1:80 10.0.0.2:2 - default`;
  return { id, pod, text, entry: parseAccessLine(text) };
};

const news = (more: Partial<TailNews>): TailNews => ({
  ...{ lines: [], lost: 0, pods: [], others: 0, problem: null },
  ...more,
});

interface Ended {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly wish: TailWish | null;
}

/** The command on a log that tells these news; with `--follow` a signal ends it after them. */
async function logs(argv: readonly string[], told: readonly TailNews[]): Promise<Ended> {
  const parsed = parseCommand(["logs", ...argv]);
  if (!parsed.ok) throw new Error(parsed.error);
  const [out, err]: string[][] = [[], []];
  let wish: TailWish | null = null;
  const signal = new AbortController();
  const tail = (wanted: TailWish, _signal: AbortSignal, onNews: (one: TailNews) => void): Promise<void> => {
    wish = wanted;
    told.forEach(onNews);
    if (wanted.follows) signal.abort();
    return Promise.resolve();
  };
  const code = await performLogs(
    parsed.value as LogsCommand,
    ok({ mesh, namespace: "shop", tail, end: () => undefined }),
    {
      print: (text) => Promise.resolve(void out!.push(text)),
      complain: (sentence) => void err!.push(sentence),
      untilSignal: () => ({ signal: signal.signal, end: () => undefined }),
    },
  );
  return { code, out: out!, err: err!, wish };
}

const [good, bad] = [lineOf(1, "catalog-v1-a", 200), lineOf(2, "catalog-v2-b", 503)];

test("a service's proxies are read to their end, each line behind the pod that wrote it", async () => {
  const ended = await logs(["catalog", "--tail", "7"], [news({ lines: [good, bad] })]);
  expect(ended).toMatchObject({ code: 0, err: [] });
  expect(ended.out).toEqual([`catalog-v1-a ${good.text}\ncatalog-v2-b ${bad.text}`]);
  expect(ended.wish).toMatchObject({ namespace: "shop", name: "catalog", backlog: 7, follows: false });
  expect(ended.wish?.selectors).toHaveLength(2);
});

test("only what passes the filter is printed, and a pod's own lines are as it wrote them", async () => {
  const ended = await logs(["shop/catalog-v2-b", "status>=500", "path~^/i"], [news({ lines: [good, bad] })]);
  expect(ended.out).toEqual([bad.text]);
  expect(ended.wish).toMatchObject({ name: "catalog-v2-b", selectors: null });
});

test("-o json is an object for each line", async () => {
  const { out } = await logs(["shop/catalog", "-o", "json"], [news({ lines: [bad] })]);
  expect(JSON.parse(out[0]!)).toMatchObject({
    pod: "catalog-v2-b",
    text: bad.text,
    entry: { code: 503, path: "/items", flags: [] },
  });
});

test.each<[string, readonly string[], Partial<TailNews>, string]>([
  [
    "nobody of this name",
    ["katalog"],
    {},
    "There is no workload and no service katalog here; a pod is NAMESPACE/POD.",
  ],
  ["no pod with a proxy", ["catalog"], { problem: "No pod has a proxy." }, "No pod has a proxy."],
  [
    "a pod that may not be read",
    ["catalog"],
    { pods: [{ pod: "a", is: "ended", why: "You may not." }] },
    "You may not.",
  ],
  [
    "lines that were let go",
    ["catalog"],
    { lost: 3 },
    "3 lines came faster than they could be read, and were let go.",
  ],
])("ends with 1 and a sentence: %s", async (_, argv, told, sentence) => {
  expect(await logs(argv, [news(told), news(told)])).toMatchObject({
    code: 1,
    err: expect.arrayContaining([sentence]) as string[],
  });
});

test("what stands in the way is said once, and a signal is how following ends", async () => {
  const waiting = news({ pods: [{ pod: "a", is: "waiting", why: "The proxy has not started yet." }] });
  const ended = await logs(["catalog", "--follow"], [waiting, waiting, news({ lines: [good], others: 2 })]);
  expect(ended).toMatchObject({ code: 0, out: [`catalog-v1-a ${good.text}`] });
  expect(ended.err).toEqual([
    "The proxy has not started yet.",
    "The newest pods are read, and 2 are not; NAMESPACE/POD takes one of them.",
  ]);
});

test("without a cluster it ends with 2", async () => {
  const parsed = parseCommand(["logs", "catalog"]);
  const err: string[] = [];
  const code = await performLogs(
    (parsed as { readonly value: LogsCommand }).value,
    fail({ kind: "config", message: "There is no kubeconfig.", advice: null }),
    {
      print: () => Promise.resolve(),
      complain: (sentence) => void err.push(sentence),
      untilSignal: () => ({ signal: new AbortController().signal, end: () => undefined }),
    },
  );
  expect([code, err]).toEqual([2, ["There is no kubeconfig."]]);
});

test.each([
  [[], "logs of what? A workload, a service, or NAMESPACE/POD"],
  [["a", "--tail", "many"], '--tail takes a number of lines, not "many"'],
  [["a", "-o", "yaml"], "logs are lines: as they are, or -o json, an object for each"],
  [
    ["a", "status>soon"],
    'not a filter: after > stands a number, or a duration such as 250ms or 1.5s, in "status>soon"',
  ],
] as const)("logs %j is refused with a sentence", (argv, error) => {
  expect(parseCommand(["logs", ...argv])).toEqual({ ok: false, error });
});

test("--follow and --tail are of logs alone", () => {
  expect(parseCommand(["check", "--follow"])).toEqual({
    ok: false,
    error: "--follow is for logs, not for check",
  });
});
