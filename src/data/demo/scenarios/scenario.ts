/** A simulated mesh: the objects it starts with, and what its programs do when a request comes in. */
import type { Millis, PerSecond, Ratio } from "../../mesh/units.ts";
import type { Manifest } from "../kube/objects.ts";

export interface Scenario {
  readonly name: string;
  /** Loaded in order. Pods and EndpointSlices are not among them: they follow from workloads and Services. */
  readonly manifests: readonly Manifest[];
  /** Another cluster of the same mesh, whose API server nobody reads: its workloads answer for Services of the same name. */
  readonly remote?: { readonly cluster: string; readonly manifests: readonly Manifest[] };
  /** What each workload does, by `namespace/name` of the Deployment or StatefulSet. */
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** Hosts outside of the cluster that answer. */
  readonly outside: Readonly<Record<string, Answering>>;
  /** Where traffic begins. */
  readonly sources: readonly Source[];
  /** Deployments and Rollouts that get a new image some time after their controller has finished with the last one. */
  readonly releases: readonly Release[];
  /** Proxies that have not what istiod sent them; none unless told. */
  readonly lagging?: readonly Lag[];
}

/** A pod whose proxy stays behind: the first one of a workload, by name. */
export interface Lag {
  /** `namespace/name` of the Deployment or StatefulSet. */
  readonly workload: string;
  /** Types that it has not acknowledged: `RDS`. */
  readonly types: readonly string[];
  /** Envoy's words where it refused them; `null`: it says nothing. */
  readonly rejects: string | null;
  /** Objects as they were when it got its last configuration, each for the one of its kind and name. */
  readonly holds: readonly Manifest[];
}

/** How something answers. Latency is its own, without what it calls; half of the requests take less than `p50`. */
export interface Answering {
  readonly p50: Millis;
  readonly p95: Millis;
  /** Part of the requests answered with 500. */
  readonly errors: Ratio;
  /** Bytes of one answer. */
  readonly responseBytes: number;
  /** When and how it is worse than that. */
  readonly troubles?: Troubles;
}

/** A fault that comes and goes by the clock: `lasts` out of every `period`. */
interface Troubles {
  readonly period: Millis;
  readonly lasts: Millis;
  readonly errors: Ratio;
  /** Latency is multiplied by this. */
  readonly slower: number;
}

export interface Behaviour extends Answering {
  readonly calls: readonly Call[];
  /** Request headers that the program copies from what it serves to what it calls. */
  readonly forwards: readonly string[];
}

/** Calls that a program makes for one request it serves (or, for a source, by itself). */
export interface Call {
  /** Host as the program writes it: `catalog.istioinaction`, `jsonplaceholder.typicode.com`. */
  readonly host: string;
  readonly port: number;
  /** `tls`: the program encrypts by itself, with the host as its server name. */
  readonly speaks: "http" | "grpc" | "tcp" | "tls";
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a valid token that comes along, by the keys of AuthorizationPolicy: `request.auth.claims[iss]`. */
  readonly claims?: Readonly<Record<string, string>>;
  /** It comes with a token that proves nothing: expired, or signed by somebody else. */
  readonly badToken?: true;
  /** Calls (for tcp: connections opened) for each request served, on average. */
  readonly times: number;
  /** Only for served requests whose path begins with this; "" for all. */
  readonly onlyFor: string;
  /** Whether the program answers 500 itself when this fails. */
  readonly needed: boolean;
  readonly requestBytes: number;
  readonly tcp: TcpUse | null;
}

/** What goes through one connection. */
interface TcpUse {
  readonly lasts: Millis;
  readonly toServer: number;
  readonly toClient: number;
}

/** Requests that nobody in the mesh causes. `gateway`: clients outside, through that gateway; `workload`: the program itself. */
export interface Source {
  readonly at: { readonly is: "gateway" | "workload"; readonly workload: string };
  readonly rate: PerSecond;
  /** How far the rate swings around its mean, 0 to 1. */
  readonly swing: Ratio;
  readonly call: Call;
}

export interface Release {
  readonly namespace: string;
  /** Name of the Deployment, or of the Rollout. */
  readonly deployment: string;
  /** Quiet time between two releases. */
  readonly pause: Millis;
}
