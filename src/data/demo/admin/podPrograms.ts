/** What listens on localhost in the pods of a simulated mesh, reached by pods/portforward. */
import type { RequestListener } from "node:http";
import type { Json } from "../../mesh/json.ts";
import type { KubeObject } from "../kube/objects.ts";
import type { PodPrograms } from "../kube/portForward.ts";
import type { Lag } from "../scenarios/scenario.ts";
import type { Node } from "../traffic/topology.ts";
import { configDump } from "./envoyAdmin.ts";
import { clusters } from "./envoyHosts.ts";
import { syncz } from "./istiodDebug.ts";
import { laggards } from "./laggards.ts";
import type { SimulatedMesh } from "./simulatedMesh.ts";

/** Path and query to JSON; `null`: there is no such page. */
type Pages = (url: URL) => Json | null;

const ISTIOD_DEBUG = 15_014;
const ENVOY_ADMIN = 15_000;

export function podPrograms(mesh: SimulatedMesh): PodPrograms {
  const started = mesh.clock();
  const behind = laggards(mesh.scenario.lagging ?? [], mesh.proxies);
  return ({ namespace, name, port }) => {
    const pod = mesh.store
      .list({ group: "", kind: "Pod" })
      .find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    if (pod === undefined) return null;
    if (port === ISTIOD_DEBUG && isIstiod(pod)) {
      return serving(({ pathname }) =>
        pathname === "/debug/syncz" ? syncz(mesh, { istiod: pod, behind, sentAt: started }) : null,
      );
    }
    const client = mesh.proxies.world().nodesOfPods.get(`${namespace}/${name}`);
    if (port !== ENVOY_ADMIN || client === undefined || client.proxy === "none") return null;
    return serving((url) => adminPage(mesh, url, { client, pod: name, lag: behind(`${namespace}/${name}`) }));
  };
}

interface Proxy {
  readonly client: Node;
  readonly pod: string;
  readonly lag: Lag | null;
}

function adminPage({ proxies, clock }: SimulatedMesh, url: URL, { client, pod, lag }: Proxy): Json | null {
  const world = proxies.world();
  if (url.pathname === "/config_dump") return configDump(world.registry, client, lag);
  if (url.pathname !== "/clusters") return null;
  return clusters(world, proxies.breakers, { client, pod, at: clock() });
}

const isIstiod = ({ metadata }: KubeObject): boolean => metadata.labels?.["app"] === "istiod";

function serving(pages: Pages): RequestListener {
  return (request, response) => {
    const page = pages(new URL(request.url ?? "/", "http://localhost"));
    response.writeHead(page === null ? 404 : 200, { "content-type": "application/json" });
    response.end(page === null ? "" : JSON.stringify(page));
  };
}
