import { describe, expect } from "vitest";
import { upstreamNameOf } from "../../src/data/mesh/proxyLog/accessEntry.ts";
import { parseLogFilter } from "../../src/data/mesh/proxyLog/logFilter.ts";
import type { LogLine } from "../../src/data/mesh/proxyLog/logTail.ts";
import { row } from "../support/row.ts";
import { logOfStory } from "../support/storyLog.ts";

const webapp = { namespace: "istioinaction", selector: { app: "webapp" } };

function matching(lines: readonly LogLine[], filter: string): readonly LogLine[] {
  const parsed = parseLogFilter(filter);
  if (!parsed.ok || parsed.value === null) throw new Error(filter);
  return lines.filter(parsed.value);
}

describe("the access log of a proxy", () => {
  row(
    20,
    "each line of an access log is a request with its code, flag and subset, and a filter finds the 503 UH of a subset without endpoints",
    async () => {
      const lines = await logOfStory(["coolstore", "no-endpoints"], webapp);
      expect(lines.length).toBeGreaterThan(500);
      expect(lines.filter(({ entry }) => entry === null)).toEqual([]);
      const failed = matching(lines, "status=503 flag=UH");
      const toCatalog = matching(lines, "upstream~catalog");
      // A tenth of the weight is on the subset that selects no pod, and callers with the header of the dark launch go there as a whole:
      // 14.5 % of some 650 requests, within five standard deviations.
      expect(failed.length / toCatalog.length).toBeGreaterThan(0.075);
      expect(failed.length / toCatalog.length).toBeLessThan(0.215);
      for (const { entry } of failed) {
        expect(entry).toMatchObject({ details: "no_healthy_upstream", upstreamHost: null });
        expect(upstreamNameOf(entry?.cluster ?? "")?.subset).toBe("version-v2");
      }
      expect(matching(lines, "subset=version-v2 status=200")).toEqual([]);
      // webapp's own proxy writes what came in, too.
      expect(matching(lines, "upstream~^inbound").length).toBeGreaterThan(100);
    },
  );

  row(20, "a proxy whose access log is off, or goes to a collector, writes no request", async () => {
    expect(
      await logOfStory(["coolstore", "access-log"], { ...webapp, selector: { app: "catalog" } }),
    ).toEqual([]);
    const gateway = { namespace: "istio-system", selector: { app: "istio-ingressgateway" } };
    expect(await logOfStory(["coolstore", "access-log"], gateway)).toEqual([]);
    expect((await logOfStory(["coolstore", "access-log"], webapp)).length).toBeGreaterThan(500);
    expect((await logOfStory(["coolstore", null], gateway)).length).toBeGreaterThan(500);
  });
});
