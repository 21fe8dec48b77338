/** Catalog as a gRPC server: its port says so by its name, and whoever calls it speaks gRPC. */
import { service } from "../objects.ts";
import type { Call, Scenario } from "../scenario.ts";
import { having, type Variant } from "../variant.ts";

const shop = "istioinaction";
const host = "catalog.istioinaction";

const port = service({
  namespace: shop,
  name: "catalog",
  labels: { app: "catalog" },
  selector: { app: "catalog" },
  ports: [{ name: "grpc", port: 80, targetPort: 3000 }],
});

/** A gRPC call is a POST to the path of its service and method. */
const overGrpc = (call: Call): Call =>
  call.host === host ? { ...call, speaks: "grpc", method: "POST", path: "/catalog.Catalog/ListItems" } : call;

function spoken(base: Scenario): Scenario {
  const behaviours = Object.entries(base.behaviours).map(
    ([key, behaviour]) => [key, { ...behaviour, calls: behaviour.calls.map(overGrpc) }] as const,
  );
  return {
    ...base,
    behaviours: Object.fromEntries(behaviours),
    sources: base.sources.map((source) => ({ ...source, call: overGrpc(source.call) })),
  };
}

/** The same objects and programs, with gRPC between catalog and its callers. */
export const catalogOverGrpc: Variant["of"] = (base) => having(port)(spoken(base));
