/** Who we are to the API server: headers and TLS material, kept until they expire. */
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";

import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import type { AuthProvider } from "./authProvider.ts";
import { runPlugin, type ExecCredential } from "./execPlugin.ts";
import type { Material } from "./kubeconfig.ts";
import { unreadable, type Target } from "./loadKubeconfig.ts";
import type { Machine } from "./machine.ts";

export interface TlsMaterial {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** What one request is signed with. */
export interface Signature {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly tls: TlsMaterial;
  /** Epoch ms; `null`: until the server says 401. */
  readonly expires: number | null;
}

export interface Credentials {
  /** The current signature; one plugin run or file read however many ask at once. */
  get(): Promise<Result<Signature, DataError>>;
  /** After a 401 on `refused`: a newer signature, read or asked for once; `null` where asking again can't help. */
  renew(refused: Signature): Promise<Result<Signature, DataError> | null>;
}

/** client-go reads a token file anew each minute: bound tokens rotate. */
const tokenFileMs = 60_000;
/** A credential is given up this much before its end: a request takes time, and clocks differ. */
const marginMs = 10_000;

export function credentialsOf(machine: Machine, target: Target): Credentials {
  let loaded: Promise<AuthProvider> | null = null;
  const provider: AuthProvider = async (own, userName) => {
    loaded ??= import("./authProvider.ts").then(({ authProvider }) => authProvider());
    return (await loaded)(own, userName);
  };
  let current: Signature | null = null;
  let pending: Promise<Result<Signature, DataError>> | null = null;

  const sign = (): Promise<Result<Signature, DataError>> => {
    pending ??= signWith(machine, target, provider).then((result) => {
      pending = null;
      current = result.ok ? result.value : null;
      return result;
    });
    return pending;
  };
  const isFresh = (signature: Signature): boolean =>
    signature.expires === null || signature.expires - marginMs > machine.now();

  return {
    get: () => (current !== null && isFresh(current) ? Promise.resolve(ok(current)) : sign()),
    renew: (refused) => {
      if (!isRenewable(target)) return Promise.resolve(null);
      return current === null || current === refused ? sign() : Promise.resolve(ok(current));
    },
  };
}

function isRenewable({ user }: Target): boolean {
  const files = [user.tokenFile, user.cert.file, user.key.file];
  return user.exec !== null || user.authProvider !== null || files.some((file) => file !== null);
}

interface Pems extends TlsMaterial {
  readonly token: string | null;
}

async function signWith(
  machine: Machine,
  target: Target,
  provider: AuthProvider,
): Promise<Result<Signature, DataError>> {
  const read = await readFiles(machine, target);
  if (!read.ok) return read;
  const plugin = await askPlugin(machine, target, read.value.ca);
  if (!plugin.ok) return plugin;
  const pems = completed(read.value, plugin.value);
  const headers = await authorize(provider, target, pems);
  if (!headers.ok) return headers;
  const { ca, cert, key } = pems;
  const tls = { ca, cert, key };
  if (!isUsable(tls)) return fail(badMaterial(target));
  return ok({
    headers: [...headers.value, ...target.user.impersonate],
    tls,
    expires: expiryOf(machine, target, plugin.value),
  });
}

/** Told apart here, where the file is known: a connection would fail with OpenSSL's words, or trust nobody in silence. */
function isUsable({ ca, cert, key }: TlsMaterial): boolean {
  try {
    if (ca !== null) new X509Certificate(ca);
    if (cert !== null || key !== null) createSecureContext({ cert: cert ?? "", key: key ?? "" });
    return true;
  } catch {
    return false;
  }
}

function badMaterial({ userName, clusterName, source }: Target): DataError {
  return {
    kind: "config",
    message: `The certificates of user "${userName}" or cluster "${clusterName}" in ${source} can't be read.`,
    advice:
      "Check client-certificate, client-key and certificate-authority: they must be PEM, and fit together.",
  };
}

/** What the kubeconfig holds itself goes before what a plugin gives, as in kubectl. */
function completed(own: Pems, plugin: ExecCredential | null): Pems {
  return {
    ca: own.ca,
    token: own.token ?? plugin?.token ?? null,
    cert: own.cert ?? plugin?.cert ?? null,
    key: own.key ?? plugin?.key ?? null,
  };
}

function expiryOf(machine: Machine, { user }: Target, plugin: ExecCredential | null): number | null {
  // client-node keeps the tokens of an auth-provider itself and knows when they end: it is asked each time.
  if (user.authProvider !== null) return machine.now();
  return user.tokenFile === null ? (plugin?.expires ?? null) : machine.now() + tokenFileMs;
}

async function askPlugin(
  machine: Machine,
  { user, cluster }: Target,
  ca: string | null,
): Promise<Result<ExecCredential | null, DataError>> {
  if (user.exec === null) return ok(null);
  const caData = ca === null ? null : Buffer.from(ca).toString("base64");
  return runPlugin(machine, user.exec, { ...cluster, caData });
}

async function readFiles(machine: Machine, { cluster, user }: Target): Promise<Result<Pems, DataError>> {
  const ca = await readMaterial(machine, cluster.ca);
  if (!ca.ok) return ca;
  const cert = await readMaterial(machine, user.cert);
  if (!cert.ok) return cert;
  const key = await readMaterial(machine, user.key);
  if (!key.ok) return key;
  const file = await readMaterial(machine, { data: null, file: user.tokenFile });
  if (!file.ok) return file;
  const token = file.value === null ? user.token : file.value.trim();
  return ok({ ca: ca.value, cert: cert.value, key: key.value, token });
}

async function readMaterial(
  machine: Machine,
  { data, file }: Material,
): Promise<Result<string | null, DataError>> {
  if (data !== null) return ok(Buffer.from(data, "base64").toString("utf8"));
  if (file === null) return ok(null);
  const read = await machine.readFile(file);
  return "code" in read ? fail(unreadable(file, read.code)) : ok(read.text);
}

/** Tokens of the user's own, else of its auth-provider, else its password. */
async function authorize(
  provider: AuthProvider,
  { user, userName }: Target,
  { token }: Pems,
): Promise<Result<Signature["headers"], DataError>> {
  const provided = user.authProvider === null ? ok([]) : await provider(user.authProvider, userName);
  if (!provided.ok) return provided;
  if (token !== null && token !== "") return ok([...withoutAuthorization(provided.value), bearer(token)]);
  if (user.username === null || provided.value.length > 0) return provided;
  const basic = Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64");
  return ok([["Authorization", `Basic ${basic}`]]);
}

const bearer = (token: string): Signature["headers"][number] => ["Authorization", `Bearer ${token}`];

const withoutAuthorization = (headers: Signature["headers"]): Signature["headers"] =>
  headers.filter(([name]) => name !== "Authorization");
