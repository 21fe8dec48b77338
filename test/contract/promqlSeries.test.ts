import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, istioSamples } from "../support/istioSamples.ts";
import { startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";

const absent = realPrometheusAbsent();

const matches: readonly (readonly string[])[] = [
  ["istio_requests_total"],
  ['istio_requests_total{reporter="source"}'],
  ['{__name__=~"istio_tcp.*"}'],
  ["istio_requests_total", "istio_tcp_sent_bytes_total"],
  ['istio_requests_total{reporter="source"}', 'istio_requests_total{response_code="200"}'],
  ["nothing"],
];

describe.skipIf(absent !== null)(
  `series and labels, ours and a real Prometheus' (${absent ?? "present"})`,
  () => {
    let worlds: PrometheusWorlds;
    beforeAll(async () => {
      worlds = await startWorlds(() => END);
      await worlds.write(istioSamples);
    });
    afterAll(async () => {
      await worlds.stop();
    });

    /** GET, because label values take nothing else. */
    async function both(path: string, match: readonly string[]): Promise<readonly [unknown, unknown]> {
      const query = new URLSearchParams(match.map((one) => ["match[]", one]));
      const [ours, theirs] = await Promise.all(
        [worlds.embedded, worlds.real].map(async (url) =>
          (await fetch(`${url}${path}?${query.toString()}`)).json(),
        ),
      );
      return [ours, theirs];
    }

    test.each(matches)("label names of %s", async (...match) => {
      const [ours, theirs] = await both("/api/v1/labels", match);
      expect(ours).toEqual(theirs);
    });

    test.each(matches)("label values of %s", async (...match) => {
      for (const name of ["__name__", "reporter", "destination_service", "le", "nothing"]) {
        const [ours, theirs] = await both(`/api/v1/label/${name}/values`, match);
        expect(ours).toEqual(theirs);
      }
    });

    test.each(matches)("series of %s", async (...match) => {
      const [ours, theirs] = await both("/api/v1/series", match);
      const sorted = (answer: unknown) =>
        (answer as { data: Readonly<Record<string, string>>[] }).data
          .map((labels) => JSON.stringify(Object.entries(labels).sort()))
          .sort();
      expect(sorted(ours)).toEqual(sorted(theirs));
    });

    test("all names and values, without a match", async () => {
      for (const path of ["/api/v1/labels", "/api/v1/label/__name__/values", "/api/v1/label/le/values"]) {
        const [ours, theirs] = await both(path, []);
        expect(ours).toEqual(theirs);
      }
    });

    test("a label name that cannot be is refused", async () => {
      const [ours, theirs] = await both("/api/v1/label/no-name/values", []);
      expect(ours).toEqual(theirs);
    });
  },
);
