import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeServer } from "../../../src/data/demo/kube/server.ts";
import { startKubeServer } from "../../../src/data/demo/kube/server.ts";
import type { Connection } from "../../../src/data/kubernetes/connect.ts";
import { connect } from "../../../src/data/kubernetes/connect.ts";
import { watchMesh } from "../../../src/data/kubernetes/watchMesh.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import { instant } from "../../../src/data/mesh/units.ts";

let server: KubeServer;
const configMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "istio-system", name: "istio" },
  data: { mesh: "outboundTrafficPolicy: { mode: REGISTRY_ONLY }\n" },
};
const istiod = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "istio-system", name: "istiod", labels: { app: "istiod" } },
  spec: {
    selector: { matchLabels: { app: "istiod" } },
    template: { metadata: { labels: { app: "istiod" } } },
  },
};

beforeAll(async () => {
  server = await startKubeServer({ clock: () => Date.now() });
  server.store.apply(configMap);
  server.store.apply(istiod);
});

afterAll(() => server.stop());

/** The connection with ConfigMaps that take their time; all of them, or one. */
function slowOnConfigMaps(connection: Connection, name = ""): Connection {
  return {
    ...connection,
    async request(path, init) {
      if (path.includes("configmaps") && path.includes(name))
        await new Promise((resolve) => setTimeout(resolve, 400));
      return connection.request(path, init);
    },
  };
}

/** What is known of a cluster when it is called live for the first time. */
async function firstLiveOf(
  kubeconfig: string,
  slow: (connection: Connection) => Connection,
): Promise<Declared> {
  const connection = await connect({ kubeconfig: { text: kubeconfig }, context: null });
  if (!connection.ok) throw new Error(connection.error.message);
  const end = new AbortController();
  const firstLive = await new Promise<Declared>((resolve) => {
    watchMesh(slow(connection.value), {
      namespace: null,
      signal: end.signal,
      now: () => instant(Date.now()),
      onChange: (declared, state) => {
        if (state.is === "live") resolve(declared);
      },
    });
  });
  end.abort();
  return firstLive;
}

test("a cluster is not called live before the mesh ConfigMap was read: its outbound mode would be a guess", async () => {
  const { meshConfigs } = await firstLiveOf(server.kubeconfig, (connection) => slowOnConfigMaps(connection));
  expect(meshConfigs.map(({ outboundMode }) => outboundMode)).toEqual(["REGISTRY_ONLY"]);
});

test("nor before that of each revision was", async () => {
  const upgrading = await startKubeServer({ clock: () => Date.now() });
  const revision = {
    ...istiod.metadata,
    name: "istiod-next",
    labels: { app: "istiod", "istio.io/rev": "next" },
  };
  for (const object of [
    configMap,
    istiod,
    { ...configMap, metadata: { ...configMap.metadata, name: "istio-next" } },
    { ...istiod, metadata: revision },
  ])
    upgrading.store.apply(object);
  const { meshConfigs } = await firstLiveOf(upgrading.kubeconfig, (connection) =>
    slowOnConfigMaps(connection, "istio-next"),
  );
  await upgrading.stop();
  expect(meshConfigs.map(({ meta }) => meta.ref.name).toSorted()).toEqual(["istio", "istio-next"]);
});

test("a right that was granted is used at the next refresh, not minutes later", async () => {
  let mayRead = false;
  const guarded = await startKubeServer({
    clock: () => Date.now(),
    access: ({ resource }) => mayRead || resource !== "services",
  });
  guarded.store.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: "shop", name: "catalog" },
  });
  const connection = await connect({ kubeconfig: { text: guarded.kubeconfig }, context: null });
  if (!connection.ok) throw new Error(connection.error.message);
  const end = new AbortController();
  const stateOf = (declared: Declared) => declared.kinds.find(({ kind }) => kind === "services")?.state.is;
  const seen = await new Promise<Declared>((resolve) => {
    const watching = watchMesh(connection.value, {
      namespace: null,
      signal: end.signal,
      now: () => instant(Date.now()),
      onChange: (declared) => {
        if (stateOf(declared) === "live") resolve(declared);
        if (stateOf(declared) !== "forbidden" || mayRead) return;
        mayRead = true;
        watching.refresh();
      },
    });
  });
  end.abort();
  await guarded.stop();
  expect(seen.services.map(({ meta }) => meta.ref.name)).toEqual(["catalog"]);
});
