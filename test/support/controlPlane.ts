/**
 * A real control plane for tests: etcd and kube-apiserver from the folder that envtest calls KUBEBUILDER_ASSETS, with Istio's,
 * Flagger's and the Gateway API's CustomResourceDefinitions. No controllers run: nothing makes pods or endpoints.
 */
import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Agent, fetch, type RequestInit, type Response } from "undici";
import { parseAllDocuments } from "yaml";
import { freePort, run, serverAbsent, until } from "./childServer.ts";

const definitions = resolve(import.meta.dirname, "../../../shared/data/crds");

/** Why tests on a real kube-apiserver can't run here, or `null`: see `serverAbsent`. */
export function realServersAbsent(): string | null {
  return serverAbsent({ programs: ["etcd", "kube-apiserver"], folders: [definitions] });
}

/** One rule of an RBAC role. */
export interface RbacRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Somebody who may log in. */
interface Login {
  readonly user: string;
  readonly token: string;
  /** The text of a kubeconfig, the certificate authority in it. */
  readonly kubeconfig: string;
}

export interface ControlPlane {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** The server's certificate authority, PEM. */
  readonly ca: string;
  /** The private key of its certificate, for a kubelet that a test plays: the API server does not verify one. */
  readonly key: string;
  /** May do everything; the kubeconfig is this one's. */
  readonly admin: Login;
  /** May do nothing until `grant`ed. */
  readonly limited: Login;
  readonly kubeconfig: string;
  /** A request as the administrator, unless `init` carries another authorization. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Gives the limited user rights in one namespace, or everywhere (`null`). Takes effect before it resolves. */
  grant(rules: readonly RbacRule[], namespace: string | null): Promise<void>;
  /** Compacts etcd to the present, so that no older moment can be listed. */
  compact(): Promise<void>;
  /** Kills both servers and removes their data. */
  stop(): Promise<void>;
}

function kubeconfigFor(url: string, ca: string, user: string, token: string): string {
  const named = (name: string, field: string, value: object) => [{ name, [field]: value }];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "real",
    clusters: named("real", "cluster", {
      server: url,
      "certificate-authority-data": Buffer.from(ca).toString("base64"),
    }),
    users: named(user, "user", { token }),
    contexts: named("real", "context", { cluster: "real", user }),
  });
}

function etcdArguments(folder: string, client: string, peer: string): readonly string[] {
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
  ];
}

function apiServerArguments(folder: string, etcd: string, port: number): readonly string[] {
  const key = join(folder, "serviceAccounts.key");
  return [
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, "certs")}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-signing-key-file=${key}`,
    `--service-account-key-file=${key}`,
    // Waits for a controller that does not run here.
    "--disable-admission-plugins=ServiceAccount",
    "--service-cluster-ip-range=10.0.0.0/16",
  ];
}

async function prepare(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "meshtop-control-plane-"));
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  await writeFile(join(folder, "serviceAccounts.key"), privateKey);
  await writeFile(
    join(folder, "tokens.csv"),
    'admin-token,admin,1,"system:masters"\nlimited-token,limited,2\n',
  );
  return folder;
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

async function readDefinitions(): Promise<readonly Definition[]> {
  const files = await readdir(definitions);
  const texts = await Promise.all(files.map((file) => readFile(join(definitions, file), "utf8")));
  return texts.flatMap((text) =>
    parseAllDocuments(text).flatMap((document) => {
      const value = document.toJS() as Definition | null;
      return value === null ? [] : [value];
    }),
  );
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function post(ask: Ask, path: string, object: unknown): Promise<void> {
  const answer = await ask(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(object),
  });
  const body = await answer.text();
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${body.slice(0, 500)}`);
}

async function installDefinitions(ask: Ask, log: string): Promise<void> {
  const all = await readDefinitions();
  for (const one of all) await post(ask, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", one);
  const served = all.flatMap(({ spec }) =>
    spec.versions
      .filter((version) => version.served)
      .map((version) => `/apis/${spec.group}/${version.name}/${spec.names.plural}`),
  );
  await until("Serving every custom resource", log, 60, async () => {
    const answers = await Promise.all(served.map((path) => ask(`${path}?limit=1`)));
    await Promise.all(answers.map((answer) => answer.text()));
    return answers.every((answer) => answer.status === 200);
  });
}

async function grantTo(
  ask: Ask,
  login: Login,
  rules: readonly RbacRule[],
  namespace: string | null,
): Promise<void> {
  const group = "rbac.authorization.k8s.io";
  const base = `/apis/${group}/v1${namespace === null ? "" : `/namespaces/${namespace}`}`;
  const kind = namespace === null ? "ClusterRole" : "Role";
  const name = `test-${process.hrtime.bigint()}`;
  const metadata = { name };
  const roles = `${base}/${kind.toLowerCase()}s`;
  await post(ask, roles, { apiVersion: `${group}/v1`, kind, metadata, rules });
  await post(ask, `${base}/${kind.toLowerCase()}bindings`, {
    apiVersion: `${group}/v1`,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: group, kind, name },
    subjects: [{ apiGroup: group, kind: "User", name: login.user }],
  });
}

/** Asks the authorizer until it has seen the new roles, which it learns of by a watch. */
async function untilGranted(
  ask: Ask,
  login: Login,
  rule: RbacRule,
  namespace: string | null,
): Promise<boolean> {
  const answer = await ask("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${login.token}` },
    body: JSON.stringify({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: {
        resourceAttributes: {
          verb: rule.verbs[0],
          group: rule.apiGroups[0],
          resource: rule.resources[0],
          ...(namespace === null ? {} : { namespace }),
        },
      },
    }),
  });
  const review = (await answer.json()) as { readonly status: { readonly allowed: boolean } };
  return review.status.allowed;
}

/** etcd's own gateway from JSON to gRPC; the newest revision is in the header of every answer. */
async function compactEtcd(etcd: string): Promise<void> {
  const call = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`${etcd}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
    return answer.text();
  };
  const key = Buffer.from("/").toString("base64");
  const newest = JSON.parse(await call("range", { key })) as {
    readonly header: { readonly revision: string };
  };
  await call("compaction", { revision: newest.header.revision, physical: true });
}

/** Starts both servers on free ports; 4 to 8 s. Rejects with the end of the server's log where they do not come up. */
export async function startControlPlane(): Promise<ControlPlane> {
  const folder = await prepare();
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const etcd = `http://127.0.0.1:${client}`;
  const url = `https://127.0.0.1:${port}`;
  const log = join(folder, "kube-apiserver.log");
  const running = [
    run("etcd", etcdArguments(folder, etcd, `http://127.0.0.1:${peer}`), join(folder, "etcd.log")),
    run("kube-apiserver", apiServerArguments(folder, etcd, port), log),
  ];
  const stopServers = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const plane = await connected(url, folder, log, stopServers);
    return { ...plane, compact: () => compactEtcd(etcd) };
  } catch (error) {
    await stopServers();
    throw error;
  }
}

async function connected(
  url: string,
  folder: string,
  log: string,
  stopServers: () => Promise<void>,
): Promise<Omit<ControlPlane, "compact">> {
  const [certificates, privateKey] = [
    join(folder, "certs", "apiserver.crt"),
    join(folder, "certs", "apiserver.key"),
  ];
  // The server makes the file empty, then fills it, then writes its key: only with the key there is the certificate whole.
  await until("The API server's certificate", log, 60, () => Promise.resolve(existsSync(privateKey)));
  const ca = await readFile(certificates, "utf8");
  const dispatcher = new Agent({ connect: { ca } });
  const login = (user: string): Login => {
    const token = `${user}-token`;
    return { user, token, kubeconfig: kubeconfigFor(url, ca, user, token) };
  };
  const [admin, limited] = [login("admin"), login("limited")];
  const ask: Ask = (path, init = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      dispatcher,
      headers: { authorization: `Bearer ${admin.token}`, ...(init.headers as Record<string, string>) },
    });
  await until("The API server's readiness", log, 60, async () => {
    const answer = await (await ask("/readyz?verbose")).text();
    if (!answer.endsWith("readyz check passed\n")) throw new Error(answer);
    return true;
  });
  await until("The default namespace", log, 30, async () => {
    const answer = await ask("/api/v1/namespaces/default");
    await answer.text();
    return answer.status === 200;
  });
  await installDefinitions(ask, log);
  return {
    url,
    ca,
    key: await readFile(privateKey, "utf8"),
    admin,
    limited,
    kubeconfig: admin.kubeconfig,
    fetch: ask,
    grant: async (rules, namespace) => {
      await grantTo(ask, limited, rules, namespace);
      const first = rules[0];
      if (first === undefined) return;
      await until("The grant", log, 10, () => untilGranted(ask, limited, first, namespace));
    },
    stop: async () => {
      await dispatcher.destroy();
      await stopServers();
    },
  };
}
