/** Kubeconfig files as kubectl reads them: parsed with distrust, merged so that the first file wins. Pure. */
import { dirname, isAbsolute, join } from "node:path";
import { parseDocument } from "yaml";

import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import { Field, Unreadable } from "./parse/field.ts";

/** A value in the file or the path of one beside it; kubectl lets the data win over the file. */
export interface Material {
  readonly data: string | null;
  readonly file: string | null;
}

export interface Cluster {
  readonly server: string;
  readonly ca: Material;
  readonly tlsServerName: string | null;
  readonly insecureSkipTlsVerify: boolean;
  readonly proxyUrl: string | null;
  /** For plugins with `provideClusterInfo`: extension `client.authentication.k8s.io/exec`. */
  readonly execConfig: unknown;
}

export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | null;
  readonly provideClusterInfo: boolean;
  readonly needsTerminal: boolean;
}

export interface User {
  readonly cert: Material;
  readonly key: Material;
  readonly token: string | null;
  readonly tokenFile: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly exec: ExecPlugin | null;
  /** The old in-tree providers, oidc above all; read by client-node. */
  readonly authProvider: { readonly name: string; readonly config: Readonly<Record<string, string>> } | null;
  readonly impersonate: readonly (readonly [header: string, value: string])[];
}

export interface Context {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string | null;
}

export interface Kubeconfig {
  /** Where it came from, for messages. */
  readonly source: string;
  readonly currentContext: string | null;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
  readonly contexts: ReadonlyMap<string, Context>;
}

/**
 * One file. `directory` is what its relative paths are relative to. Errors: `config`, with file and line for YAML, file and field
 * for the rest; values are never repeated, they can be secrets.
 */
export function parseKubeconfig(source: string, text: string): Result<Kubeconfig, DataError> {
  const document = parseDocument(text, { logLevel: "silent", prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const line = text.slice(0, broken.pos[0]).split("\n").length;
    return fail(wrong(`${source} is not valid YAML: line ${line} can't be read.`));
  }
  try {
    return ok(readConfig(source, new Field(document.toJS({ maxAliasCount: 100 }), "")));
  } catch (error) {
    const where =
      error instanceof Unreadable ? `${error.path || "it"} ${error.problem}` : "its aliases don't resolve";
    return fail(wrong(`${source} is not a kubeconfig: ${where}.`));
  }
}

function wrong(message: string): DataError {
  return { kind: "config", message, advice: "Correct the file, or name another with KUBECONFIG." };
}

function readConfig(source: string, root: Field): Kubeconfig {
  const directory = dirname(source);
  return {
    source,
    currentContext: root.at("current-context").nameOrNull(),
    clusters: named(root, "clusters", "cluster", (field) => readCluster(field, directory)),
    users: named(root, "users", "user", (field) => readUser(field, directory)),
    contexts: named(root, "contexts", "context", readContext),
  };
}

/** kubeconfig keeps its maps as lists of `{name, <member>}`; the first entry of a name counts. */
function named<T>(
  root: Field,
  list: string,
  member: string,
  read: (field: Field) => T,
): ReadonlyMap<string, T> {
  const entries = new Map<string, T>();
  for (const item of root.at(list).items()) {
    const name = item.at("name").text();
    if (!entries.has(name)) entries.set(name, read(item.at(member)));
  }
  return entries;
}

function readContext(field: Field): Context {
  return {
    cluster: field.at("cluster").textOrNull() ?? "",
    user: field.at("user").textOrNull() ?? "",
    namespace: field.at("namespace").nameOrNull(),
  };
}

function readCluster(field: Field, directory: string): Cluster {
  const extension = field
    .at("extensions")
    .items()
    .find((item) => item.at("name").textOrNull() === "client.authentication.k8s.io/exec");
  return {
    server: field.at("server").textOrNull() ?? "",
    ca: readMaterial(field, "certificate-authority", directory),
    tlsServerName: field.at("tls-server-name").nameOrNull(),
    insecureSkipTlsVerify: field.at("insecure-skip-tls-verify").flag(),
    proxyUrl: field.at("proxy-url").nameOrNull(),
    execConfig: extension?.at("extension").value ?? null,
  };
}

function readMaterial(field: Field, name: string, directory: string): Material {
  const file = field.at(name).nameOrNull();
  return {
    data: field.at(`${name}-data`).nameOrNull(),
    file: file === null ? null : absolute(directory, file),
  };
}

function absolute(directory: string, path: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}

function readUser(field: Field, directory: string): User {
  const tokenFile = field.at("tokenFile").nameOrNull();
  const provider = field.at("auth-provider");
  return {
    cert: readMaterial(field, "client-certificate", directory),
    key: readMaterial(field, "client-key", directory),
    token: field.at("token").nameOrNull(),
    tokenFile: tokenFile === null ? null : absolute(directory, tokenFile),
    username: field.at("username").nameOrNull(),
    password: field.at("password").nameOrNull(),
    exec: readExec(field.at("exec"), directory),
    authProvider: provider.absent
      ? null
      : { name: provider.at("name").text(), config: provider.at("config").labels() },
    impersonate: readImpersonation(field),
  };
}

function readExec(field: Field, directory: string): ExecPlugin | null {
  if (field.absent) return null;
  const command = field.at("command").text();
  const env = field.at("env").items();
  return {
    apiVersion: field.at("apiVersion").textOrNull() ?? "client.authentication.k8s.io/v1",
    // As kubectl: a bare name is looked for on PATH, a path is relative to the file that names it.
    command: command.includes("/") ? absolute(directory, command) : command,
    args: field.at("args").texts(),
    env: Object.fromEntries(
      env.map((entry) => [entry.at("name").text(), entry.at("value").textOrNull() ?? ""]),
    ),
    installHint: field.at("installHint").nameOrNull(),
    provideClusterInfo: field.at("provideClusterInfo").flag(),
    needsTerminal: field.at("interactiveMode").textOrNull() === "Always",
  };
}

function readImpersonation(field: Field): User["impersonate"] {
  const user = field.at("as").nameOrNull();
  const uid = field.at("as-uid").nameOrNull();
  const extra = field.at("as-user-extra").entries();
  return [
    ...(user === null ? [] : [["Impersonate-User", user] as const]),
    ...(uid === null ? [] : [["Impersonate-Uid", uid] as const]),
    ...field
      .at("as-groups")
      .texts()
      .map((group) => ["Impersonate-Group", group] as const),
    ...extra.flatMap(([key, values]) =>
      values.texts().map((value) => [`Impersonate-Extra-${encodeURIComponent(key)}`, value] as const),
    ),
  ];
}

/** kubectl's rule for KUBECONFIG lists: the first file to set a name or the current context wins. */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const firstWins = <T>(maps: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> =>
    new Map(maps.toReversed().flatMap((map) => [...map]));
  return {
    source: files.map((file) => file.source).join(", "),
    currentContext: files.find((file) => file.currentContext !== null)?.currentContext ?? null,
    clusters: firstWins(files.map((file) => file.clusters)),
    users: firstWins(files.map((file) => file.users)),
    contexts: firstWins(files.map((file) => file.contexts)),
  };
}
