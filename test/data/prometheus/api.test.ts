import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { instant } from "../../../src/data/mesh/units.ts";
import { prometheusApi } from "../../../src/data/prometheus/api.ts";
import { directTransport } from "../../../src/data/prometheus/transport.ts";
import type { DirectOptions } from "../../../src/data/prometheus/transport.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function answering(status: number, body: unknown, contentType = "application/json"): Handler {
  return (_request, response) => {
    response.writeHead(status, { "content-type": contentType });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

function apiAt(url: string, options: Partial<DirectOptions> = {}, timeoutMs = 2_000) {
  const transport = directTransport({ url, ...options });
  if (!transport.ok) throw new Error(transport.error.message);
  return prometheusApi(transport.value, timeoutMs);
}

async function errorOf(handler: Handler, timeoutMs?: number) {
  const url = await serve(handler);
  const answer = await apiAt(url, {}, timeoutMs).query("requests", "up", null);
  if (answer.ok) throw new Error("expected a failure");
  return { ...answer.error, message: answer.error.message.replaceAll(url, "http://prometheus") };
}

const vector = {
  status: "success",
  data: {
    resultType: "vector",
    result: [
      { metric: { reporter: "source" }, value: [1, "0.5"] },
      { metric: {}, value: [1, "NaN"] },
      { metric: {}, value: [1, "+Inf"] },
    ],
  },
};

describe("a query", () => {
  test("yields labels and values, NaN and infinity included", async () => {
    const answer = await apiAt(await serve(answering(200, vector))).query("requests", "up", null);
    expect(answer).toEqual({
      ok: true,
      value: [
        { labels: { reporter: "source" }, value: 0.5 },
        { labels: {}, value: Number.NaN },
        { labels: {}, value: Number.POSITIVE_INFINITY },
      ],
    });
  });

  test("is evaluated at the instant that was asked for, in seconds", async () => {
    let asked = "";
    const url = await serve((request, response) => {
      asked = request.url ?? "";
      answering(200, vector)(request, response);
    });
    await apiAt(`${url}/prefix/`).query("requests", "up", instant(1_700_000_000_250));
    expect(asked).toBe("/prefix/api/v1/query?query=up&time=1700000000.250");
  });

  test("goes by POST when it is too long for a request line", async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      answering(200, vector)(request, response);
    });
    await apiAt(url).query("durations", "x".repeat(7_000), null);
    expect(seen).toEqual(["POST /api/v1/query"]);
  });

  test("carries the credential and the tenant that were given", async () => {
    const headers: IncomingMessage["headers"][] = [];
    const url = await serve((request, response) => {
      headers.push(request.headers);
      answering(200, vector)(request, response);
    });
    await apiAt(url, { bearerToken: "t0ken", headers: { "X-Scope-OrgID": "team-a" } }).query("q", "up", null);
    await apiAt(url.replace("//", "//ops:se%40cret@")).query("q", "up", null);
    expect(headers[0]).toMatchObject({ authorization: "Bearer t0ken", "x-scope-orgid": "team-a" });
    expect(headers[1]?.authorization).toBe(`Basic ${Buffer.from("ops:se@cret").toString("base64")}`);
  });
});

describe("a packed answer", () => {
  const packed = gzipSync(JSON.stringify(vector));
  const sending =
    (bytes: Buffer): Handler =>
    (request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip");
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(bytes);
    };

  test("is unpacked", async () => {
    const answer = await apiAt(await serve(sending(packed))).query("requests", "up", null);
    expect(answer).toMatchObject({ ok: true, value: [{ value: 0.5 }, {}, { value: Infinity }] });
  });

  test("that breaks off, or was never packed, is an error and no part of an answer", async () => {
    expect(await errorOf(sending(packed.subarray(0, -12)))).toMatchObject({ kind: "unreachable" });
    expect(await errorOf(sending(Buffer.from("plain")))).toMatchObject({ kind: "unreachable" });
  });
});

describe("an answer that stops", () => {
  test("in its middle is an error of the connection, and one that never ends times out", async () => {
    const half: Handler = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(JSON.stringify(vector).slice(0, 90));
      setTimeout(() => response.destroy(), 20);
    };
    expect(await errorOf(half)).toMatchObject({
      kind: "unreachable",
      message: "Prometheus at http://prometheus does not answer: the connection was cut.",
    });
    const slow: Handler = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(JSON.stringify(vector).slice(0, 90));
    };
    expect((await errorOf(slow, 100)).message).toBe(
      "Prometheus at http://prometheus did not answer in time.",
    );
  });
});

describe("a server that does not answer as Prometheus says which way it fails", () => {
  test.each([
    [401, "unauthorized", "Prometheus at http://prometheus wants a credential (401)."],
    [403, "forbidden", "Prometheus at http://prometheus does not let this user query (403)."],
    [404, "absent", "Prometheus at http://prometheus has no Prometheus API there (404)."],
    [302, "unauthorized", "Prometheus at http://prometheus sends elsewhere (302), as a login page does."],
    [500, "failing", "Prometheus at http://prometheus answered 500."],
  ])("status %i is %s", async (status, kind, message) => {
    expect(await errorOf(answering(status, ""))).toMatchObject({ kind, message });
  });

  test("422 and 503 pass on the server's own words", async () => {
    const body = {
      status: "error",
      errorType: "execution",
      error: "query processing would load too many samples",
    };
    expect((await errorOf(answering(422, body))).message).toBe(
      'Prometheus at http://prometheus could not evaluate the query (422) (query "requests"): query processing would load too many samples.',
    );
    expect(await errorOf(answering(503, { error: "TSDB not ready" }))).toMatchObject({
      kind: "failing",
      message: "Prometheus at http://prometheus is not ready or overloaded (503): TSDB not ready.",
    });
  });

  test("a login page is told from broken JSON", async () => {
    expect((await errorOf(answering(200, "<!doctype html><title>Log in</title>", "text/html"))).message).toBe(
      "Prometheus at http://prometheus answered with a web page instead of JSON.",
    );
    expect(await errorOf(answering(200, '{"status":"succ'))).toMatchObject({ kind: "garbled" });
    expect(
      await errorOf(answering(200, { status: "success", data: { resultType: "vector" } })),
    ).toMatchObject({
      kind: "garbled",
    });
  });

  test("silence ends at the time-out", async () => {
    expect(await errorOf(() => undefined, 100)).toMatchObject({
      kind: "unreachable",
      message: "Prometheus at http://prometheus did not answer in time.",
    });
  });

  test("a closed port is a refused connection", async () => {
    const url = await serve(answering(200, vector));
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    const answer = await apiAt(url).query("requests", "up", null);
    expect(answer).toMatchObject({
      ok: false,
      error: {
        kind: "unreachable",
        message: `Prometheus at ${url} does not answer: the connection is refused.`,
      },
    });
  });
});

test("a URL that cannot be read is refused without repeating the password in it", () => {
  const transport = directTransport({ url: "ht!tp://ops:hunter2@host" });
  expect(JSON.stringify(transport)).not.toContain("hunter2");
  expect(transport).toMatchObject({ ok: false, error: { kind: "config" } });
});

test("no message holds the user and password of the URL", async () => {
  const url = await serve(answering(401, ""));
  const answer = await apiAt(url.replace("//", "//ops:hunter2@")).query("requests", "up", null);
  expect(JSON.stringify(answer)).not.toMatch(/hunter2|ops:/);
});
