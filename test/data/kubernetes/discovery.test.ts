import { Response } from "undici";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/data/kubernetes/connect.ts";
import { discover } from "../../../src/data/kubernetes/discovery.ts";
import { resourceName } from "../../../src/data/kubernetes/parse/kinds.ts";
import { fail, ok, type DataError } from "../../../src/data/mesh/result.ts";

const unused: DataError = { kind: "unauthorized", message: "401", advice: null };

/** An API server that answers with these bodies, 404 for the rest; a number is a status. */
function serving(answers: Readonly<Record<string, object | number>>): Connection {
  return {
    context: "c",
    cluster: "c",
    user: "u",
    host: "h",
    namespace: null,
    unauthorized: () => unused,
    openSocket: () => Promise.resolve(fail(unused)),
    request: (path) => {
      const answer = answers[path] ?? 404;
      const status = typeof answer === "number" ? answer : 200;
      return Promise.resolve(
        ok(new Response(typeof answer === "number" ? "" : JSON.stringify(answer), { status })),
      );
    },
  };
}

const groups = (versions: Readonly<Record<string, readonly string[]>>): object => ({
  groups: Object.entries(versions).map(([name, list]) => ({
    name,
    versions: list.map((version) => ({ version })),
  })),
});
const resources = (...names: readonly string[]): object => ({
  resources: names.map((name) => ({ name, kind: name, namespaced: true, verbs: ["get", "list", "watch"] })),
});

async function servedBy(connection: Connection): Promise<Readonly<Record<string, string>>> {
  const servings = await discover(connection, new AbortController().signal);
  if (!servings.ok) throw new Error(servings.error.message);
  return Object.fromEntries(
    servings.value.map((found) => [
      resourceName(found.kind),
      found.is === "served" ? found.version : found.is,
    ]),
  );
}

describe("what a server serves", () => {
  test("is taken at the newest version that both sides know, kind by kind", async () => {
    const served = await servedBy(
      serving({
        "/apis": groups({ "gateway.networking.k8s.io": ["v9", "v1", "v1beta1", "v1alpha2"] }),
        "/apis/gateway.networking.k8s.io/v1": resources("httproutes", "gateways"),
        "/apis/gateway.networking.k8s.io/v1alpha2": resources("tcproutes", "httproutes"),
      }),
    );
    expect(served).toMatchObject({
      "httproutes.gateway.networking.k8s.io": "v1",
      "tcproutes.gateway.networking.k8s.io": "v1alpha2",
      "grpcroutes.gateway.networking.k8s.io": "absent",
    });
  });

  test("without Istio is a cluster without Istio's kinds", async () => {
    const served = await servedBy(serving({ "/apis": groups({}), "/api/v1": resources("services", "pods") }));
    expect(served).toMatchObject({
      services: "v1",
      pods: "v1",
      "virtualservices.networking.istio.io": "absent",
    });
  });

  test("a group that is down costs only itself", async () => {
    const served = await servedBy(
      serving({
        "/apis": groups({ "networking.istio.io": ["v1"], "flagger.app": ["v1beta1"] }),
        "/apis/networking.istio.io/v1": resources("virtualservices"),
        "/apis/flagger.app/v1beta1": 503,
      }),
    );
    expect(served).toMatchObject({
      "virtualservices.networking.istio.io": "v1",
      "canaries.flagger.app": "unknown",
    });
  });

  test("Endpoints stand in where there are no EndpointSlices, and only there", async () => {
    const old = serving({ "/apis": groups({}), "/api/v1": resources("endpoints") });
    expect(await servedBy(old)).toMatchObject({
      endpoints: "v1",
      "endpointslices.discovery.k8s.io": "absent",
    });
    const slices = "/apis/discovery.k8s.io/v1beta1";
    const newer = serving({
      "/apis": groups({ "discovery.k8s.io": ["v1beta1"] }),
      "/api/v1": resources("endpoints"),
      [slices]: resources("endpointslices"),
    });
    const served = await servedBy(newer);
    expect(served["endpointslices.discovery.k8s.io"]).toBe("v1beta1");
    expect(Object.keys(served)).not.toContain("endpoints");
  });

  test("what can't be watched is not served to us", async () => {
    const verbs = { resources: [{ name: "services", kind: "Service", namespaced: true, verbs: ["list"] }] };
    expect(await servedBy(serving({ "/apis": groups({}), "/api/v1": verbs }))).toMatchObject({
      services: "absent",
    });
  });

  test("is unknown where the server itself does not answer", async () => {
    const connection = { ...serving({}), request: () => Promise.resolve(fail(unused)) };
    expect(await discover(connection, new AbortController().signal)).toEqual(fail(unused));
  });
});
