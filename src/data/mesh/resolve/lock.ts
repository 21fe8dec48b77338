import type { ClientTlsMode } from "../declared/routing.ts";
import type { MtlsMode } from "../declared/security.ts";
import type { Workload } from "../model/workload.ts";

export type Proxy = Workload["proxy"];

export interface LockInput {
  readonly client: {
    readonly proxy: Proxy;
    /** `tls.mode` of the DestinationRule that the client sees; `null`: none, automatic mTLS decides. */
    readonly tls: ClientTlsMode | null;
  };
  readonly server:
    | { readonly is: "external" }
    | {
        readonly is: "workload";
        readonly proxy: Proxy;
        /** On the container port that is called. */
        readonly mode: MtlsMode;
        /** Of its namespace: DISABLE there leaves clients without a TLS context. */
        readonly namespaceMode: MtlsMode;
        /** The application itself serves TLS. `null`: not known. */
        readonly speaksTls?: boolean | null;
        /**
         * Callers' proxies send to the address that the program dialled (a headless Service, a PASSTHROUGH load balancer), so that automatic mTLS is for all
         * endpoints or for none: have all of them a sidecar? `null`: not known. Absent: each endpoint is asked by itself.
         */
        readonly allSidecars?: boolean | null;
      };
  readonly autoMtls: boolean;
}

type Prediction = "mtls" | "plaintext" | "broken" | null;
type Sends = "mtls" | "plaintext" | "foreign tls";
type Row = Readonly<Record<MtlsMode, Prediction>>;

/** What a server with a proxy does with what arrives: the table of istio.md 5. */
const answers: Readonly<Record<Sends, Row>> = {
  mtls: { STRICT: "mtls", PERMISSIVE: "mtls", DISABLE: "broken" },
  plaintext: { STRICT: "broken", PERMISSIVE: "plaintext", DISABLE: "plaintext" },
  // No client certificate of the mesh. With DISABLE the application must take the TLS; nothing here knows whether it does.
  "foreign tls": { STRICT: "broken", PERMISSIVE: "broken", DISABLE: null },
};

const byDestinationRule: Readonly<Record<ClientTlsMode, Sends>> = {
  DISABLE: "plaintext",
  SIMPLE: "foreign tls",
  MUTUAL: "foreign tls",
  ISTIO_MUTUAL: "mtls",
};

/**
 * What configuration alone promises for one client and one server port: mTLS of the mesh, plaintext, or a connection
 * that cannot work (istio.md 5). `null`: not predictable: a proxy unknown, TLS of the application's own, or ambient's
 * corners that are not verified.
 *
 * For all endpoints or for none: BestEffortInferServiceMTLSMode in pilot/pkg/model/push_context.go, and no transport socket matches for an ORIGINAL_DST
 * cluster in pilot/pkg/networking/core/cluster_tls.go, so that a workload or a port that says DISABLE is sent TLS too.
 */
export function predictLock({ client, server, autoMtls }: LockInput): Prediction {
  if (client.proxy === "unknown") return null;
  if (server.is === "external") return toOutside(client.tls);
  if (server.proxy === "unknown") return null;
  if (client.proxy === "ambient" || server.proxy === "ambient") return overHbone(client, server);
  const sends = client.proxy === "none" ? "plaintext" : sent(client, server, autoMtls);
  if (sends === null) return null;
  if (server.proxy === "none") return withoutProxy(sends);
  if (sends === "foreign tls" && server.mode !== "STRICT" && server.speaksTls === true) return null;
  return answers[sends][server.mode];
}

type Server = Extract<LockInput["server"], { is: "workload" }>;

/** Automatic mTLS asks each endpoint, but builds its TLS context from the namespace's mode. */
function sent({ proxy, tls }: LockInput["client"], server: Server, autoMtls: boolean): Sends | null {
  if (tls !== null) return byDestinationRule[tls];
  if (!autoMtls || server.namespaceMode === "DISABLE") return "plaintext";
  const { allSidecars } = server;
  if (allSidecars === false) return "plaintext";
  if (allSidecars === null) return null;
  // A gateway can't dial what nobody dialled: it has the endpoints, and asks each of them all the same.
  if (allSidecars === true && proxy !== "gateway") return "mtls";
  return server.proxy !== "none" && server.mode !== "DISABLE" ? "mtls" : "plaintext";
}

function withoutProxy(sends: Sends): Prediction {
  return sends === "mtls" ? "broken" : sends === "plaintext" ? "plaintext" : null;
}

/** TLS to the outside is not the mesh's; the mesh's certificates mean nothing there. */
function toOutside(tls: ClientTlsMode | null): Prediction {
  if (tls === null || tls === "DISABLE") return "plaintext";
  return tls === "ISTIO_MUTUAL" ? "broken" : null;
}

/** Between ztunnels it is always mTLS and DISABLE is ignored; STRICT refuses whoever comes without (istio.md 5, Ambient). */
function overHbone(client: LockInput["client"], server: Server): Prediction {
  if (server.proxy !== "ambient") return server.proxy === "none" ? "plaintext" : null;
  if (client.proxy === "none") return server.mode === "STRICT" ? "broken" : "plaintext";
  return client.tls === null || client.proxy === "ambient" ? "mtls" : null;
}
