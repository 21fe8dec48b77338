/** The embedded API server and a real kube-apiserver, each behind a relay, as one shape: what holds on one must hold on the other. */
import { connect, type Connection } from "../../../../src/data/kubernetes/connect.ts";
import { startKubeServer } from "../../../../src/data/demo/kube/server.ts";
import { realServersAbsent, startControlPlane, type RbacRule } from "../../../support/controlPlane.ts";
import { startRelay, type Relay } from "./relay.ts";

export interface TestCluster {
  /** Of the server itself. */
  readonly url: string;
  readonly relay: Relay;
  /** May do everything. */
  readonly admin: Connection;
  /** May do what was granted. */
  readonly limited: Connection;
  /** As admin, past the relay. */
  readonly direct: Connection;
  /** Adds rights of the limited user, in one namespace or everywhere (`null`). */
  grant(rules: readonly RbacRule[], namespace: string | null): Promise<void>;
  compact(): Promise<void>;
  stop(): Promise<void>;
}

async function connected(kubeconfig: string): Promise<Connection> {
  const connection = await connect({ kubeconfig: { text: kubeconfig }, context: null });
  if (!connection.ok) throw new Error(connection.error.message);
  return connection.value;
}

async function embedded(): Promise<TestCluster> {
  const grants: { readonly rules: readonly RbacRule[]; readonly namespace: string | null }[] = [];
  const open = await startKubeServer({ clock: () => Date.now() });
  const relay = await startRelay(Number(new URL(open.url).port));
  const text = open.kubeconfig.replace(open.url, `http://127.0.0.1:${relay.port}`);
  const admin = await connected(text);
  // The embedded server knows one user: the limited one has a server of their own, which every object is copied to.
  const narrow = await startKubeServer({
    clock: () => Date.now(),
    access: ({ verb, group, resource, namespace }) =>
      grants.some(
        ({ rules, namespace: granted }) =>
          (granted === null || granted === namespace) &&
          rules.some(
            (rule) =>
              rule.apiGroups.includes(group) &&
              rule.resources.includes(resource) &&
              rule.verbs.includes(verb),
          ),
      ),
  });
  const unsubscribe = open.store.subscribe(({ type, object }) => {
    if (type !== "DELETED") narrow.store.apply(object);
  });
  return {
    url: open.url,
    relay,
    admin,
    direct: await connected(open.kubeconfig),
    limited: await connected(narrow.kubeconfig),
    grant: (rules, namespace) => Promise.resolve(void grants.push({ rules, namespace })),
    compact: () => {
      open.compact();
      return Promise.resolve();
    },
    stop: async () => {
      unsubscribe();
      await relay.stop();
      await Promise.all([open.stop(), narrow.stop()]);
    },
  };
}

async function real(): Promise<TestCluster> {
  const plane = await startControlPlane();
  const relay = await startRelay(Number(new URL(plane.url).port));
  const through = (text: string): string => text.replace(plane.url, `https://127.0.0.1:${relay.port}`);
  return {
    url: plane.url,
    relay,
    admin: await connected(through(plane.admin.kubeconfig)),
    direct: await connected(plane.admin.kubeconfig),
    limited: await connected(plane.limited.kubeconfig),
    grant: (rules, namespace) => plane.grant(rules, namespace),
    compact: () => plane.compact(),
    stop: async () => {
      await relay.stop();
      await plane.stop();
    },
  };
}

/** `absent` says why a cluster can't be had here, `null` where it can. */
export const clusters: readonly {
  readonly name: string;
  readonly absent: string | null;
  readonly start: () => Promise<TestCluster>;
}[] = [
  { name: "the embedded API server", absent: null, start: embedded },
  { name: "a real kube-apiserver", absent: realServersAbsent(), start: real },
];

/** Writes one object; a Namespace that is missing is made first. Throws what the server says where it refuses. */
export async function create(connection: Connection, path: string, object: object): Promise<unknown> {
  return write(connection, "POST", path, object);
}

export async function write(
  connection: Connection,
  method: string,
  path: string,
  object: object | null,
): Promise<unknown> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const answer = await connection.request(path, {
    method,
    headers: { "Content-Type": type },
    ...(object === null ? {} : { body: JSON.stringify(object) }),
  });
  if (!answer.ok) throw new Error(answer.error.message);
  const text = await answer.value.text();
  if (!answer.value.ok) throw new Error(`${method} ${path}: ${answer.value.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as unknown;
}
