import { describe, expect, test } from "vitest";
import { connectionsTo } from "../../../src/data/kubernetes/dispatcher.ts";
import { isCut, isSessionLost } from "../../../src/data/kubernetes/failures.ts";
import type { Target } from "../../../src/data/kubernetes/loadKubeconfig.ts";

const target = {
  source: "~/.kube/config",
  contextName: "prod-eu",
  clusterName: "prod-eu",
  userName: "ops",
  namespace: null,
  cluster: {
    server: "https://127.0.0.1:6443",
    proxyUrl: null,
    tlsServerName: null,
    insecureSkipTlsVerify: false,
  },
} as unknown as Target;
const tls = { ca: null, cert: null, key: null };

/** As fetch rejects: its own TypeError around what happened. */
function rejection(code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error("it broke"), { code }) });
}

describe("a session of HTTP/2 that takes no request any more", () => {
  test.each(["ERR_HTTP2_INVALID_SESSION", "ERR_HTTP2_GOAWAY_SESSION"])(
    "is known by %s, and is a cut",
    (code) => {
      expect([isSessionLost(rejection(code)), isCut(rejection(code))]).toEqual([true, true]);
    },
  );

  test.each(["ECONNRESET", "UND_ERR_HEADERS_TIMEOUT", "ERR_HTTP2_STREAM_ERROR"])(
    "is not meant by %s",
    (code) => {
      expect(isSessionLost(rejection(code))).toBe(false);
    },
  );

  test("is left: the next request goes over another connection, and those of before over none", async () => {
    const connections = connectionsTo(target, null);
    const before = connections.dispatchersFor(tls);
    expect(connections.dispatchersFor(tls)).toBe(before);
    connections.drop(before);
    const after = connections.dispatchersFor(tls);
    expect(after).not.toBe(before);
    const asked = before.request.request({
      origin: "https://127.0.0.1:6443",
      path: "/version",
      method: "GET",
    });
    await expect(asked).rejects.toMatchObject({ code: "UND_ERR_DESTROYED" });
  });

  test("is left once, however many requests found it so", () => {
    const connections = connectionsTo(target, null);
    const before = connections.dispatchersFor(tls);
    connections.drop(before);
    const after = connections.dispatchersFor(tls);
    connections.drop(before);
    expect(connections.dispatchersFor(tls)).toBe(after);
  });
});
