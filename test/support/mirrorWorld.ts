/** Copies what the embedded servers of a simulated mesh hold into real ones, object by object and sample by sample. */
import type { ControlPlane } from "./controlPlane.ts";
import type { RealPrometheus } from "./realPrometheus.ts";

interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** Collections in an order in which they can be created; `status` is a subresource of those marked. */
const collections: readonly { readonly path: string; readonly plural: string; readonly hasStatus?: true }[] =
  [
    { path: "/api/v1", plural: "namespaces" },
    { path: "/api/v1", plural: "configmaps" },
    { path: "/api/v1", plural: "services" },
    { path: "/api/v1", plural: "pods" },
    { path: "/apis/apps/v1", plural: "deployments", hasStatus: true },
    { path: "/apis/apps/v1", plural: "statefulsets", hasStatus: true },
    { path: "/apis/apps/v1", plural: "daemonsets", hasStatus: true },
    { path: "/apis/discovery.k8s.io/v1beta1", plural: "endpointslices" },
    { path: "/apis/networking.istio.io/v1", plural: "gateways" },
    { path: "/apis/networking.istio.io/v1", plural: "virtualservices" },
    { path: "/apis/networking.istio.io/v1", plural: "destinationrules" },
    { path: "/apis/networking.istio.io/v1", plural: "serviceentries" },
    { path: "/apis/networking.istio.io/v1", plural: "sidecars" },
    { path: "/apis/security.istio.io/v1", plural: "peerauthentications" },
    { path: "/apis/security.istio.io/v1", plural: "authorizationpolicies" },
    { path: "/apis/security.istio.io/v1", plural: "requestauthentications" },
    { path: "/apis/telemetry.istio.io/v1", plural: "telemetries" },
    { path: "/apis/gateway.networking.k8s.io/v1", plural: "gateways", hasStatus: true },
    { path: "/apis/gateway.networking.k8s.io/v1", plural: "httproutes", hasStatus: true },
    { path: "/apis/gateway.networking.k8s.io/v1", plural: "tcproutes", hasStatus: true },
    { path: "/apis/argoproj.io/v1alpha1", plural: "rollouts", hasStatus: true },
    { path: "/apis/flagger.app/v1beta1", plural: "canaries", hasStatus: true },
    { path: "/api/v1", plural: "events" },
  ];

const serverOwned = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"];

function fresh(object: KubeObject): KubeObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([field]) => !serverOwned.includes(field)),
  );
  return { ...object, metadata: metadata as KubeObject["metadata"] };
}

async function list(url: string, path: string, plural: string): Promise<readonly KubeObject[]> {
  const answer = await fetch(`${url}${path}/${plural}`);
  if (answer.status === 404) return [];
  const { items } = (await answer.json()) as { items: readonly KubeObject[] };
  return items;
}

function collectionPath(path: string, plural: string, namespace: string | undefined): string {
  return namespace === undefined ? `${path}/${plural}` : `${path}/namespaces/${namespace}/${plural}`;
}

async function send(to: ControlPlane, path: string, method: string, body: unknown): Promise<KubeObject> {
  const headers = { "content-type": "application/json" };
  const answer = await to.fetch(path, { method, headers, body: JSON.stringify(body) });
  const held = (await answer.json()) as KubeObject & { readonly message?: string };
  if (answer.status >= 300 && answer.status !== 409)
    throw new Error(`${method} ${path}: ${String(held.message)}`);
  return held;
}

/** Kubernetes 1.20 takes an empty text for null where a definition wants a text. */
const withoutEmptyTexts = (status: unknown): unknown =>
  JSON.parse(JSON.stringify(status, (_field, value: unknown) => (value === "" ? undefined : value)));

/** What the API server owns of a Service or a pod and refuses to be told. */
function withoutAddresses(plural: string, object: KubeObject): KubeObject {
  if (plural === "pods") return { ...object, spec: { containers: [{ name: "app", image: "app" }] } };
  if (plural !== "services") return object;
  const spec = Object.entries(object["spec"] as Readonly<Record<string, unknown>>);
  const kept = spec.filter(([field, value]) => !field.startsWith("clusterIP") || value === "None");
  return { ...object, spec: Object.fromEntries(kept) };
}

async function relabel(to: ControlPlane, path: string, { metadata }: KubeObject): Promise<void> {
  const body = JSON.stringify({ metadata: { labels: metadata["labels"] } });
  await to.fetch(path, {
    method: "PATCH",
    headers: { "content-type": "application/merge-patch+json" },
    body,
  });
}

/** Every object of an embedded API server, created anew in a real one; statuses too. Returns how many there were. */
export async function copyObjects(embeddedUrl: string, real: ControlPlane): Promise<number> {
  let copied = 0;
  for (const { path, plural, hasStatus } of collections) {
    for (const object of await list(embeddedUrl, path, plural)) {
      const target = collectionPath(path, plural, object.metadata.namespace);
      const wanted = withoutAddresses(plural, fresh(object));
      const created = await send(real, target, "POST", wanted);
      // `default` is there before anybody makes it, without the labels that inject sidecars.
      if (plural === "namespaces") await relabel(real, `${target}/${object.metadata.name}`, wanted);
      if (hasStatus === true && object.status !== undefined) {
        const at = `${target}/${object.metadata.name}/status`;
        await send(real, at, "PUT", { ...created, status: withoutEmptyTexts(object.status) });
      }
      copied += 1;
    }
  }
  return copied;
}

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

/** Every sample of Istio's, Envoy's and Flagger's metrics in the last ten minutes before `at` (ms), written to a real Prometheus. Returns how many series. */
export async function copySamples(embeddedUrl: string, real: RealPrometheus, at: number): Promise<number> {
  const query = new URLSearchParams({
    query: '{__name__=~"(istio|envoy|flagger)_.*"}[10m]',
    time: String(at / 1000),
  });
  const answer = await fetch(`${embeddedUrl}/api/v1/query?${query.toString()}`);
  const { data } = (await answer.json()) as Matrix;
  await real.write(
    data.result.map(({ metric, values }) => ({
      labels: metric,
      samples: values.map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)] as const),
    })),
  );
  return data.result.length;
}
