import { describe, expect, test } from "vitest";
import { parseAccessLine } from "../../../../src/data/mesh/proxyLog/accessEntry.ts";
import { parseLogFilter } from "../../../../src/data/mesh/proxyLog/logFilter.ts";
import type { LogLine } from "../../../../src/data/mesh/proxyLog/logTail.ts";

function line(change: {
  readonly code?: number;
  readonly flags?: string;
  readonly ms?: number;
  readonly path?: string;
}): LogLine {
  const { code = 200, flags = "-", ms = 12, path = "/api/orders" } = change;
  const text = `[2026-11-21T18:00:00.123Z] "GET ${path} HTTP/1.1" ${code} ${flags} via_upstream - "-" 0 19 ${ms} - "-" "curl/8" "id" "orders.shop:80" "10.0.0.1:80" outbound|80|v2|orders.shop.svc.cluster.local - 10.96.1.2:80 10.244.0.7:51000 - default`;
  return { id: 1, pod: "web-1", text, entry: parseAccessLine(text) };
}

const other: LogLine = { id: 2, pod: "web-1", text: "Envoy proxy is ready, status ok", entry: null };

function passes(filter: string, one: LogLine): boolean {
  const parsed = parseLogFilter(filter);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value === null || parsed.value(one);
}

describe("a filter of an access log", () => {
  test.each([
    ["status>=500", line({ code: 503 }), true],
    ["status>=500", line({ code: 499 }), false],
    ["status=5xx", line({ code: 504 }), true],
    ["status=5xx", line({ code: 200 }), false],
    ["status=503,504", line({ code: 504 }), true],
    ["status!=200", line({ code: 200 }), false],
    ["code=0", line({ code: 0 }), true],
    ["flag=UH", line({ flags: "UH" }), true],
    ["flag=uh", line({ flags: "UH" }), true],
    ["flag=URX", line({ flags: "UF,URX" }), true],
    ["flag=UH", line({}), false],
    ["flag!=UH", line({}), true],
    ["flag!=UH", line({ flags: "UF,UH" }), false],
    ["duration>250ms", line({ ms: 251 }), true],
    ["duration>250ms", line({ ms: 250 }), false],
    ["duration>=1.5s", line({ ms: 1500 }), true],
    ["path~^/api", line({}), true],
    ["path~^/api", line({ path: "/v2/api" }), false],
    ["subset=v2", line({}), true],
    ["subset=v1", line({}), false],
    ["host~shop upstream~orders", line({}), true],
    ["status=200 and duration>1s", line({}), false],
    ["pod=web-1", line({}), true],
    ["orders", line({}), true],
    ["ORDERS !curl", line({}), false],
    ["/orders[?]u=1", line({ path: "/orders?u=1" }), true],
    ["[", line({}), true],
    ["", other, true],
    ["ready", other, true],
    ["status>=0", other, false],
    ["flag!=UH", other, false],
  ])("%s", (filter, one, expected) => {
    expect(passes(filter, one)).toBe(expected);
  });

  test("with a field that there is not says which there are", () => {
    const parsed = parseLogFilter("statu>=500");
    expect(parsed.ok ? "" : parsed.error).toMatch(
      /^"statu" is no field; fields are status, flag, duration, /,
    );
  });

  test("with an order of something that is no number says what stands there", () => {
    const parsed = parseLogFilter("status>high");
    expect(parsed.ok ? "" : parsed.error).toBe(
      'after > stands a number, or a duration such as 250ms or 1.5s, in "status>high"',
    );
  });
});
