import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseTraceTemplate, traceUrl, type TraceTemplate } from "../../../src/data/mesh/traceLink.ts";

function template(text: string): TraceTemplate {
  const parsed = parseTraceTemplate(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

test("places stand for the names of the service", () => {
  const names = { service: "reviews", namespace: "shop", workload: "reviews-v1", app: "reviews" };
  expect(traceUrl(template("https://jaeger.example:16686/search?service={app}.{namespace}"), names)).toBe(
    "https://jaeger.example:16686/search?service=reviews.shop",
  );
  expect(traceUrl(template("http://grafana/explore#{namespace}/{workload}/{service}"), names)).toBe(
    "http://grafana/explore#shop/reviews-v1/reviews",
  );
});

test("no name leads to another host, breaks out of its place, or brings a character that a terminal would take for an order", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("../..", "a&service=b", "a#b", "\u001b]8;;x", "{app}", "\ud800", "$&"),
  );
  fc.assert(
    fc.property(hostile, hostile, (service, namespace) => {
      const url = traceUrl(template("https://jaeger.example/search?service={service}&ns={namespace}"), {
        service,
        namespace,
        workload: "",
        app: "",
      });
      expect(url).toMatch(/^[!-~]+$/);
      const parsed = new URL(url);
      expect(parsed.origin + parsed.pathname + parsed.hash).toBe("https://jaeger.example/search");
      expect([...parsed.searchParams]).toEqual([
        ["service", service.toWellFormed()],
        ["ns", namespace.toWellFormed()],
      ]);
    }),
  );
});
