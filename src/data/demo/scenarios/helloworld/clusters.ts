/** Helloworld v1 here and v2 in another cluster of the mesh, whose API server is not read (istio.md 1, row 56). */
import { calls } from "../calls.ts";
import { namespace, service, workload } from "../objects.ts";
import { all, lacking, playing, type Variant } from "../variant.ts";

const ports = [{ name: "http", port: 5000, targetPort: 5000 }];

export const clusters: Variant = {
  name: "two-clusters",
  says: "One service with v1 in this cluster and v2 in another: requests cross between the two.",
  of: all(
    lacking("Deployment", "helloworld-v2"),
    lacking("Gateway", "helloworld-gateway"),
    lacking("VirtualService", "helloworld"),
    playing({ sources: [calls("default/curl", 5, { host: "helloworld", port: 5000, path: "/hello" })] }),
    (base) => ({
      ...base,
      remote: {
        cluster: "cluster2",
        manifests: [
          namespace("default", { "istio-injection": "enabled" }),
          workload({
            namespace: "default",
            name: "helloworld-v2",
            labels: { app: "helloworld", version: "v2" },
            replicas: 1,
            image: "docker.io/istio/examples-helloworld-v2:1.0",
            port: 5000,
            serviceAccount: "default",
          }),
          service({ namespace: "default", name: "helloworld", selector: { app: "helloworld" }, ports }),
        ],
      },
    }),
  ),
};
