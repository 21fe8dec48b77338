import { expect, test } from "vitest";
import { inBothWorlds } from "../support/kubeWorlds.ts";

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly singularName: string;
}

const everything = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const withoutDeletecollection = everything.filter((verb) => verb !== "deletecollection");

/** Both servers must agree with this. EndpointSlices are left to their own test: a server of 1.20 has v1beta1 only. */
const served: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "api/v1": {
    namespaces: "Namespace",
    services: "Service",
    pods: "Pod",
    configmaps: "ConfigMap",
    endpoints: "Endpoints",
    events: "Event",
    serviceaccounts: "ServiceAccount",
  },
  "apis/apps/v1": {
    deployments: "Deployment",
    statefulsets: "StatefulSet",
    daemonsets: "DaemonSet",
    replicasets: "ReplicaSet",
  },
  "apis/discovery.k8s.io/v1beta1": { endpointslices: "EndpointSlice" },
  "apis/networking.istio.io/v1": {
    virtualservices: "VirtualService",
    destinationrules: "DestinationRule",
    gateways: "Gateway",
    serviceentries: "ServiceEntry",
    sidecars: "Sidecar",
    workloadentries: "WorkloadEntry",
  },
  "apis/networking.istio.io/v1beta1": { virtualservices: "VirtualService", sidecars: "Sidecar" },
  "apis/networking.istio.io/v1alpha3": { virtualservices: "VirtualService", gateways: "Gateway" },
  "apis/security.istio.io/v1": {
    peerauthentications: "PeerAuthentication",
    authorizationpolicies: "AuthorizationPolicy",
    requestauthentications: "RequestAuthentication",
  },
  "apis/security.istio.io/v1beta1": { peerauthentications: "PeerAuthentication" },
  "apis/telemetry.istio.io/v1": { telemetries: "Telemetry" },
  "apis/telemetry.istio.io/v1alpha1": { telemetries: "Telemetry" },
  "apis/flagger.app/v1beta1": { canaries: "Canary" },
  "apis/gateway.networking.k8s.io/v1": {
    gatewayclasses: "GatewayClass",
    gateways: "Gateway",
    httproutes: "HTTPRoute",
    grpcroutes: "GRPCRoute",
    tcproutes: "TCPRoute",
    tlsroutes: "TLSRoute",
  },
  "apis/gateway.networking.k8s.io/v1beta1": { httproutes: "HTTPRoute" },
  "apis/gateway.networking.k8s.io/v1alpha2": { tcproutes: "TCPRoute", tlsroutes: "TLSRoute" },
};

const clusterWide = ["namespaces", "gatewayclasses"];
const keptOneByOne = ["namespaces", "services"];
const shortNames: Readonly<Record<string, readonly string[]>> = {
  virtualservices: ["vs"],
  destinationrules: ["dr"],
  services: ["svc"],
  deployments: ["deploy"],
  peerauthentications: ["pa"],
};

inBothWorlds("Discovery", (world) => {
  test.each(Object.entries(served))(
    "%s lists its kinds, their scope and their verbs",
    async (path, kinds) => {
      const answer = await world().fetch(`/${path}`);
      expect(answer.status).toBe(200);
      const list = answer.json<{ kind: string; groupVersion: string; resources: readonly Resource[] }>();
      expect(list.kind).toBe("APIResourceList");
      expect(list.groupVersion).toBe(path.replace(/^apis?\//, ""));
      for (const [plural, kind] of Object.entries(kinds)) {
        const found = list.resources.find((resource) => resource.name === plural);
        expect(found, plural).toMatchObject({ kind, namespaced: !clusterWide.includes(plural) });
        const verbs = keptOneByOne.includes(plural) ? withoutDeletecollection : everything;
        expect([...(found?.verbs ?? [])].sort(), plural).toEqual(verbs);
        if (shortNames[plural] !== undefined) expect(found?.shortNames).toEqual(shortNames[plural]);
      }
    },
  );

  test("every custom kind and no ConfigMap has its status apart", async () => {
    const istio = (await world().fetch("/apis/networking.istio.io/v1")).json<{ resources: Resource[] }>();
    expect(istio.resources.find(({ name }) => name === "virtualservices/status")?.verbs).toEqual([
      "get",
      "patch",
      "update",
    ]);
    const core = (await world().fetch("/api/v1")).json<{ resources: Resource[] }>();
    expect(core.resources.some(({ name }) => name === "configmaps/status")).toBe(false);
  });

  test("/apis prefers the newest stable version of a group", async () => {
    const { groups } = (await world().fetch("/apis")).json<{
      groups: { name: string; preferredVersion: { version: string }; versions: { version: string }[] }[];
    }>();
    const group = (name: string) => groups.find((candidate) => candidate.name === name);
    expect(group("networking.istio.io")?.versions.map(({ version }) => version)).toEqual([
      "v1",
      "v1beta1",
      "v1alpha3",
    ]);
    expect(group("gateway.networking.k8s.io")?.versions.map(({ version }) => version)).toEqual([
      "v1",
      "v1beta1",
      "v1alpha3",
      "v1alpha2",
    ]);
    expect(group("networking.istio.io")?.preferredVersion.version).toBe("v1");
    expect(group("authorization.k8s.io")?.preferredVersion.version).toBe("v1");
    expect(group("nobody.example.com")).toBeUndefined();
  });

  test("one group, the core group and the server's version can be asked for alone", async () => {
    const group = await world().fetch("/apis/networking.istio.io");
    expect(group.json()).toMatchObject({
      kind: "APIGroup",
      name: "networking.istio.io",
      preferredVersion: { groupVersion: "networking.istio.io/v1" },
    });
    const core = await world().fetch("/api");
    expect(core.json()).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
    const version = await world().fetch("/version");
    expect(version.json()).toHaveProperty("gitVersion");
    const health = await world().fetch("/readyz");
    expect([health.status, health.text]).toEqual([200, "ok"]);
  });

  test.each([
    "/apis/nobody.example.com",
    "/apis/nobody.example.com/v1",
    "/apis/nobody.example.com/v1/things",
    "/apis/networking.istio.io/v9",
    "/apis/networking.istio.io/v1/nothings",
  ])("%s is not found, and says so in plain text", async (path) => {
    const answer = await world().fetch(path);
    expect([answer.status, answer.text]).toEqual([404, "404 page not found\n"]);
  });

  test("an unknown resource of a built-in group is not found, and says so in a Status", async () => {
    const answer = await world().fetch("/apis/apps/v1/nothings");
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({
      kind: "Status",
      reason: "NotFound",
      message: "the server could not find the requested resource",
    });
  });

  test("a token that nobody knows is refused before anything else is said", async () => {
    const answer = await world().fetchAsStranger("/apis");
    expect(answer.status).toBe(401);
    expect(answer.json()).toMatchObject({ kind: "Status", reason: "Unauthorized", message: "Unauthorized" });
  });
});
