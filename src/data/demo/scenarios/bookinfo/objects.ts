/** Istio's Bookinfo: a page that asks for details and reviews, three versions of reviews, two of which ask for ratings. */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { custom, service, workload } from "../objects.ts";

export const namespace = "bookinfo";
export const port = 9080;

type Fields = Readonly<Record<string, Json>>;

/** A Deployment of one version, with the labels and the account of the sample. */
export function version(app: string, name: string, containerPort = port): Manifest {
  return workload({
    namespace,
    name: `${app}-${name}`,
    labels: { app, version: name },
    replicas: 1,
    image: `docker.io/istio/examples-bookinfo-${app}-${name}:1.20.3`,
    port: containerPort,
    serviceAccount: `bookinfo-${app}`,
  });
}

function served(app: string): Manifest {
  return service({
    namespace,
    name: app,
    labels: { app, service: app },
    selector: { app },
    ports: [{ name: "http", port, targetPort: port }],
  });
}

const versions: Readonly<Record<string, readonly string[]>> = {
  productpage: ["v1"],
  details: ["v1"],
  reviews: ["v1", "v2", "v3"],
  ratings: ["v1"],
};

export const apps: readonly Manifest[] = Object.entries(versions).flatMap(([app, names]) => [
  served(app),
  ...names.map((name) => version(app, name)),
]);

export function rule(app: string, spec: Fields = {}): Manifest {
  const subsets = (versions[app] ?? []).map((name) => ({ name, labels: { version: name } }));
  return custom("DestinationRule", { namespace, name: app, spec: { host: app, subsets, ...spec } });
}

export const rules: readonly Manifest[] = Object.keys(versions).map((app) => rule(app));

export function route(app: string, ...http: readonly Json[]): Manifest {
  return custom("VirtualService", { namespace, name: app, spec: { hosts: [app], http } });
}

/** A rule with one destination, and no weight. */
export function all(app: string, subset: string, rest: Fields = {}): Json {
  return { ...rest, route: [{ destination: { host: app, subset } }] };
}

export function weighted(app: string, weights: Readonly<Record<string, number>>): Json {
  return {
    route: Object.entries(weights).map(([subset, weight]): Json => ({
      destination: { host: app, subset },
      weight,
    })),
  };
}

/** Who has signed in as jason. */
export const jason: Fields = { match: [{ headers: { "end-user": { exact: "jason" } } }] };

export function gateway(server: Fields): Manifest {
  return custom("Gateway", {
    namespace,
    name: "bookinfo-gateway",
    spec: { selector: { istio: "ingressgateway" }, servers: [{ hosts: ["*"], ...server }] },
  });
}

/** What the gateway lets through to the page. */
export const pages: readonly Json[] = [
  { uri: { exact: "/productpage" } },
  { uri: { prefix: "/static" } },
  { uri: { exact: "/login" } },
  { uri: { exact: "/logout" } },
  { uri: { prefix: "/api/v1/products" } },
];

export function atGateway(...http: readonly Json[]): Manifest {
  return custom("VirtualService", {
    namespace,
    name: "bookinfo",
    spec: { hosts: ["*"], gateways: ["bookinfo-gateway"], http },
  });
}

/** A rule of the gateway for these paths. */
export function leading(match: readonly Json[], host: string): Json {
  return { match, route: [{ destination: { host, port: { number: port } } }] };
}
