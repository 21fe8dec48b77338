import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";

const bundle = new URL("../../dist/meshtop.js", import.meta.url).pathname;
let folder = "";
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "meshtop-commands-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program without a terminal, and how it ended. */
function meshtop(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: folder, XDG_CONFIG_HOME: folder, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [bundle, ...args], { env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nothing listens. */
async function closedPort(): Promise<string> {
  const url = await serve(() => undefined);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

async function kubeconfigTo(url: string): Promise<string> {
  const path = join(folder, "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "there",
    clusters: [{ name: "there", cluster: { server: url } }],
    users: [{ name: "me", user: { token: "s3cret-token" } }],
    contexts: [{ name: "there", context: { cluster: "there", user: "me" } }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** The embedded API server with namespaces alone, which is silent about one kind. */
async function silentAbout(plural: string): Promise<string> {
  const kube = await startKubeServer({ clock: () => Date.now() });
  const url = await serve((request, response) => {
    if (request.url?.includes(`/${plural}`) === true) return;
    const passed = async () => {
      const answer = await fetch(kube.url + (request.url ?? ""));
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
    };
    passed().catch(() => response.destroy());
  });
  servers.at(-1)?.on("close", () => void kube.stop());
  return url;
}

describe("no cluster at all is exit code 2, one sentence on stderr and nothing on stdout", () => {
  test("a kubeconfig that is not there", async () => {
    const ended = await meshtop(["get", "services", "--kubeconfig", "/nowhere/config"]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain("/nowhere/config");
  });

  test("a context that is not in it", async () => {
    const kubeconfig = await kubeconfigTo(await closedPort());
    const ended = await meshtop(["get", "services", "--kubeconfig", kubeconfig, "--context", "prod"]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toMatch(/prod.*there/);
  });

  test("a refused connection, at once and not after the time-out", async () => {
    const url = await closedPort();
    const kubeconfig = await kubeconfigTo(url);
    const begin = performance.now();
    const ended = await meshtop(["get", "services", "--kubeconfig", kubeconfig, "--timeout", "20s"]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain(new URL(url).host);
    expect(performance.now() - begin).toBeLessThan(15_000);
  });

  test.each([
    [["get", "services"]],
    [["check"]],
    [["shift", "shop/catalog", "v1=80", "--yes"]],
    [["set-outbound", "REGISTRY_ONLY", "--mesh", "--dry-run"]],
  ])("an API server that takes the connection and says nothing, at the time-out: %j", async (args) => {
    const kubeconfig = await kubeconfigTo(await serve(() => undefined));
    const begin = performance.now();
    const ended = await meshtop([...args, "--kubeconfig", kubeconfig, "--timeout", "1500ms"]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toBe(
      "meshtop: The API server has not answered within 1.5 s. Wait longer with --timeout, or check the network or VPN.\n",
    );
    expect(performance.now() - begin).toBeLessThan(8_000);
  });

  test("a part of a cluster is enough to look at, and not to plan a change on", async () => {
    const kubeconfig = await kubeconfigTo(await silentAbout("destinationrules"));
    const where = ["--kubeconfig", kubeconfig, "--timeout", "3s"];
    const shown = await meshtop(["get", "services", "-o", "json", ...where]);
    expect([shown.code, shown.stdout]).toEqual([1, "[]\n"]);
    expect(shown.stderr).toContain("Kubernetes has not answered in time.");
    const refused = await meshtop(["set-outbound", "REGISTRY_ONLY", "--mesh", "--yes", ...where]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("has not listed everything within 3 s");
  });

  test.each([401, 403])(
    "an API server that answers %i, without the token in the sentence",
    async (status) => {
      const url = await serve((_request, response) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify({ kind: "Status", code: status, reason: "No", message: "no" }));
      });
      const ended = await meshtop(["get", "services", "--kubeconfig", await kubeconfigTo(url)]);
      expect(ended).toMatchObject({ code: 2, stdout: "" });
      expect(ended.stderr).toMatch(/^meshtop: .+\n$/);
      expect(ended.stderr).not.toContain("s3cret-token");
    },
  );
});

test("a configuration that cannot be used is exit code 2, with file and field", async () => {
  const home = await mkdtemp(join(tmpdir(), "meshtop-config-"));
  await mkdir(join(home, "meshtop"));
  await writeFile(join(home, "meshtop", "config.yaml"), "refesh: 5s\n");
  const ended = await meshtop(["get", "services", "--demo", "coolstore"], { XDG_CONFIG_HOME: home });
  await rm(home, { recursive: true });
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain('"refesh" is no setting');
});

test("the dashboard without a terminal says what works there", async () => {
  const ended = await meshtop([]);
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain("meshtop get services");
});

test("a Prometheus that does not answer is exit code 1, and what the cluster says is printed", async () => {
  const kube = await startKubeServer({ clock: () => Date.now() });
  const kubeconfig = join(folder, "embedded");
  await writeFile(kubeconfig, kube.kubeconfig);
  const url = await closedPort();
  const ended = await meshtop([
    "get",
    "services",
    "-o",
    "json",
    "--kubeconfig",
    kubeconfig,
    "--prometheus",
    url,
  ]);
  await kube.stop();
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.stdout)).toEqual([]);
  expect(ended.stderr).toContain(`Prometheus at ${url} does not answer: the connection is refused.`);
});

test("get on the simulated mesh prints JSON and nothing else", async () => {
  const ended = await meshtop(["get", "graph", "-o", "json", "--demo", "coolstore"]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  const { nodes, edges } = JSON.parse(ended.stdout) as { nodes: unknown[]; edges: unknown[] };
  expect(nodes.length).toBeGreaterThan(5);
  expect(edges.length).toBeGreaterThan(5);
});

describe("check -f", () => {
  const split = (weights: readonly number[]) =>
    JSON.stringify({
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "web" },
      spec: {
        hosts: ["web"],
        http: [{ route: weights.map((weight, i) => ({ destination: { host: `web-${i}` }, weight })) }],
      },
    });

  test("needs no cluster: a file in order ends with 0, one with an error with 1 and its finding", async () => {
    const files = join(folder, "manifests");
    await mkdir(files);
    await writeFile(join(files, "a.json"), split([90, 10]));
    expect(await meshtop(["check", "-f", files])).toEqual({
      code: 0,
      stdout: "nothing to show\n",
      stderr: "meshtop: No finding in what was read.\n",
    });
    await writeFile(join(files, "b.json"), split([0, 0]));
    const ended = await meshtop(["check", "-f", files, "-n", "shop", "-o", "json"]);
    expect(JSON.parse(ended.stdout)).toMatchObject([
      { code: "MT0103", object: { namespace: "shop", name: "web" } },
    ]);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("1 error") as string });
  });

  test("a file that is not there ends with 2 and its name", async () => {
    const ended = await meshtop(["check", "-f", "/nowhere/a.yaml"]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain("/nowhere/a.yaml");
  });
});

test("preview-strict names who is plaintext today, and ends with 1 where somebody would be cut off", async () => {
  const demo = ["--demo", "fleetman", "--variant", "nodeport", "-o", "json"];
  const ended = await meshtop(["preview-strict", "default", ...demo]);
  const { callers, overMs } = JSON.parse(ended.stdout) as {
    readonly callers: readonly { readonly to: string; readonly verdict: string }[];
    readonly overMs: number;
  };
  expect(overMs).toBe(3_600_000);
  expect(callers.map(({ verdict }) => verdict)).toEqual(["cut off", "cut off"]);
  expect(callers.map(({ to }) => to).toSorted()).toEqual(["default/webapp", "default/webapp-experimental"]);
  expect(ended.code).toBe(1);
});

test("logs prints what passes the filter to a pipe, and ends with 1 where nobody is of that name", async () => {
  const demo = ["--demo", "bookinfo", "--variant", "deny-jason"];
  const ended = await meshtop(["logs", "bookinfo/reviews", "status=403", ...demo]);
  const lines = ended.stdout.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(line).toMatch(/^reviews-v[123]-\S+ \[.* 403 - rbac_access_denied/);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(await meshtop(["logs", "nobody", ...demo])).toMatchObject({ code: 1, stdout: "" });
});

test("check on a mesh finds what its variant is about, in the namespace that is asked for", async () => {
  const demo = ["--demo", "coolstore", "--variant", "missing-subset"];
  const ended = await meshtop(["check", ...demo, "-o", "json"]);
  const found = JSON.parse(ended.stdout) as readonly { readonly code: string }[];
  expect(found.map(({ code }) => code)).toEqual(["MT0101", "MT0101"]);
  expect(ended.code).toBe(1);
  expect(await meshtop(["check", ...demo, "-n", "istio-system"])).toMatchObject({ code: 0 });
  const listed = await meshtop(["check", "--demo", "coolstore", "--variant", "nonsense"]);
  expect(listed).toMatchObject({ code: 2, stdout: "" });
  expect(listed.stderr).toContain("missing-subset");
});
