/** Finds and reads kubeconfigs; falls back to the service account of the pod that meshtop runs in. */
import { delimiter, join } from "node:path";

import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import {
  mergeKubeconfigs,
  parseKubeconfig,
  type Cluster,
  type Context,
  type Kubeconfig,
  type User,
} from "./kubeconfig.ts";
import type { Machine } from "./machine.ts";

/** `paths`: exactly these files. `text`: the file itself. `env`: KUBECONFIG, else ~/.kube/config, else the pod's service account. */
export type KubeconfigSource =
  { readonly paths: readonly string[] } | { readonly text: string } | { readonly env: true };

/** What one context says, with everything it refers to. */
export interface Target {
  readonly source: string;
  readonly contextName: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly namespace: string | null;
  readonly cluster: Cluster;
  readonly user: User;
}

/** Errors: `config` only, each a sentence that names the file or the context. */
export async function loadTarget(
  machine: Machine,
  source: KubeconfigSource,
  context: string | null,
): Promise<Result<Target, DataError>> {
  const config = await loadKubeconfig(machine, source);
  return config.ok ? chooseContext(config.value, context) : config;
}

/** Every file that counts, merged. Errors: `config`, with the file. */
export async function loadKubeconfig(
  machine: Machine,
  source: KubeconfigSource,
): Promise<Result<Kubeconfig, DataError>> {
  if ("text" in source) return parseKubeconfig("the kubeconfig", source.text);
  if ("paths" in source) return readAll(machine, source.paths, "must exist");
  const list = machine.env["KUBECONFIG"] ?? "";
  if (list !== "")
    return readAll(
      machine,
      list.split(delimiter).filter((path) => path !== ""),
      "may be missing",
    );
  const standard = join(machine.home, ".kube", "config");
  if (!("code" in (await machine.readFile(standard)))) return readAll(machine, [standard], "must exist");
  const pod = await podServiceAccount(machine);
  return pod === null ? fail(noFile([standard])) : ok(pod);
}

/** kubectl passes over the missing files of a KUBECONFIG list, but not over one that it was told to use. */
async function readAll(
  machine: Machine,
  paths: readonly string[],
  missing: "must exist" | "may be missing",
): Promise<Result<Kubeconfig, DataError>> {
  const files: Kubeconfig[] = [];
  for (const path of paths) {
    const file = await machine.readFile(path);
    if ("code" in file) {
      if (file.code === "ENOENT" && missing === "may be missing") continue;
      return fail(file.code === "ENOENT" ? noFile([path]) : unreadable(path, file.code));
    }
    const parsed = parseKubeconfig(path, file.text);
    if (!parsed.ok) return parsed;
    files.push(parsed.value);
  }
  return files.length === 0 ? fail(noFile(paths)) : ok(mergeKubeconfigs(files));
}

function noFile(paths: readonly string[]): DataError {
  return {
    kind: "config",
    message: `There is no kubeconfig at ${paths.join(" or ")}.`,
    advice: "Name one with KUBECONFIG or --kubeconfig, or try 'meshtop demo', which needs no cluster.",
  };
}

/** A file that is there but can't be opened. */
export function unreadable(path: string, code: string): DataError {
  const reason = code === "EACCES" ? "you may not read it" : code === "EISDIR" ? "it is a folder" : code;
  return { kind: "config", message: `${path} can't be read: ${reason}.`, advice: "Check its permissions." };
}

function chooseContext(config: Kubeconfig, wanted: string | null): Result<Target, DataError> {
  const contextName = wanted ?? config.currentContext;
  const known = [...config.contexts.keys()];
  const choose = known.length === 0 ? null : `Choose one of these with --context: ${known.join(", ")}.`;
  const wrong = (message: string, advice: string | null): Result<never, DataError> =>
    fail({ kind: "config", message, advice });
  if (contextName === null) return wrong(`${config.source} names no current context.`, choose);
  const context = config.contexts.get(contextName);
  if (context === undefined) return wrong(`${config.source} has no context "${contextName}".`, choose);
  const cluster = config.clusters.get(context.cluster);
  if (cluster === undefined || cluster.server === "") {
    return wrong(
      `Context "${contextName}" names cluster "${context.cluster}", which ${config.source} does not describe.`,
      "Add the cluster and its server, or choose another context.",
    );
  }
  const user = context.user === "" ? nobody : config.users.get(context.user);
  if (user === undefined) {
    return wrong(
      `Context "${contextName}" names user "${context.user}", whom ${config.source} does not describe.`,
      "Add the user, or choose another context.",
    );
  }
  return ok(targetOf({ source: config.source, contextName, context, cluster, user }));
}

function targetOf(parts: {
  readonly source: string;
  readonly contextName: string;
  readonly context: Context;
  readonly cluster: Cluster;
  readonly user: User;
}): Target {
  const { context, ...rest } = parts;
  return { ...rest, clusterName: context.cluster, userName: context.user, namespace: context.namespace };
}

const nothing = { data: null, file: null };

const nobody: User = {
  cert: nothing,
  key: nothing,
  token: null,
  tokenFile: null,
  username: null,
  password: null,
  exec: null,
  authProvider: null,
  impersonate: [],
};

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** `null` outside a pod. */
async function podServiceAccount(machine: Machine): Promise<Kubeconfig | null> {
  const host = machine.env["KUBERNETES_SERVICE_HOST"];
  const tokenFile = `${accountFolder}/token`;
  if (host === undefined || "code" in (await machine.readFile(tokenFile))) return null;
  const port = machine.env["KUBERNETES_SERVICE_PORT"] ?? "443";
  const namespace = await machine.readFile(`${accountFolder}/namespace`);
  const name = "in-cluster";
  const cluster: Cluster = {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca: { data: null, file: `${accountFolder}/ca.crt` },
    tlsServerName: null,
    insecureSkipTlsVerify: false,
    proxyUrl: null,
    execConfig: null,
  };
  return {
    source: "the pod's service account",
    currentContext: name,
    clusters: new Map([[name, cluster]]),
    users: new Map([[name, { ...nobody, tokenFile }]]),
    contexts: new Map([
      [name, { cluster: name, user: name, namespace: "text" in namespace ? namespace.text.trim() : null }],
    ]),
  };
}
