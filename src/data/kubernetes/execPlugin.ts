/** Credentials from a program: client.authentication.k8s.io's exec plugins. */
import { clean } from "../mesh/clean.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import type { Cluster, ExecPlugin } from "./kubeconfig.ts";
import type { Machine, ProgramEnd } from "./machine.ts";
import { Field, Unreadable } from "./parse/field.ts";

export interface ExecCredential {
  readonly token: string | null;
  /** PEM. */
  readonly cert: string | null;
  readonly key: string | null;
  /** Epoch ms; `null`: good for as long as meshtop runs, or until a 401. */
  readonly expires: number | null;
}

/** A login in a browser can take its time; a plugin that hangs may not hang meshtop with it. */
const timeoutMs = 60_000;

/**
 * Runs the plugin once. Errors: `config` where it is missing or wants a terminal, `unauthorized` where it fails. Messages carry its
 * name and at most the last line of its stderr, cleaned and with whatever looks like a secret taken out.
 */
export async function runPlugin(
  machine: Machine,
  plugin: ExecPlugin,
  cluster: Cluster & { readonly caData: string | null },
): Promise<Result<ExecCredential, DataError>> {
  const name = plugin.command.split("/").at(-1) ?? plugin.command;
  if (plugin.needsTerminal) {
    const message = `The credential plugin ${name} asks for a terminal (interactiveMode: Always), which the dashboard has taken.`;
    return fail({ kind: "config", message, advice: "Log in with kubectl first, or use another context." });
  }
  const end = await machine.run({
    command: plugin.command,
    args: plugin.args,
    env: { ...machine.env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, cluster)) },
    timeoutMs,
  });
  return end.is === "ended" && end.code === 0
    ? parseCredential(name, end.stdout)
    : fail(failure(plugin, name, end));
}

function execInfo(plugin: ExecPlugin, cluster: Cluster & { readonly caData: string | null }): unknown {
  const described = {
    server: cluster.server,
    "tls-server-name": cluster.tlsServerName ?? undefined,
    "insecure-skip-tls-verify": cluster.insecureSkipTlsVerify || undefined,
    "certificate-authority-data": cluster.caData ?? undefined,
    "proxy-url": cluster.proxyUrl ?? undefined,
    config: cluster.execConfig ?? undefined,
  };
  return {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster: described } : {}) },
  };
}

function failure(plugin: ExecPlugin, name: string, end: ProgramEnd): DataError {
  if (end.is === "not started") {
    const advice = plugin.installHint?.trim() ?? `Install ${name}, or put it on PATH.`;
    const reason = end.code === "ENOENT" ? "is not installed" : `can't be started (${end.code})`;
    return { kind: "config", message: `The credential plugin ${name} ${reason}.`, advice };
  }
  const said = end.is === "ended" ? lastLine(end.stderr) : "";
  const how =
    end.is === "ended" ? `failed with exit code ${end.code}` : `gave no answer in ${timeoutMs / 1000} s`;
  return {
    kind: "unauthorized",
    message: `The credential plugin ${name} ${how}${said === "" ? "" : `: ${said}`}.`,
    advice: `Run it by hand, or log in again (${name}).`,
  };
}

const longestLine = 200;
const secrets =
  /eyJ[\w-]+(\.[\w-]*)*|(?<=(bearer|token|password|secret|key)["']?\s*[:=]?\s*["']?)[^\s"']{8,}|[\w+/=-]{32,}/gi;

/** The last line that says something, without control characters and without anything that looks like a secret. */
export function lastLine(stderr: string): string {
  const line = stderr
    .split(/[\r\n]+/)
    .map((text) => clean(text).trim())
    .findLast((text) => text !== "");
  const shown = (line ?? "").replace(secrets, "[hidden]").replace(/\.$/, "");
  return shown.length > longestLine ? `${shown.slice(0, longestLine)}...` : shown;
}

function parseCredential(name: string, stdout: string): Result<ExecCredential, DataError> {
  try {
    const status = new Field(JSON.parse(stdout), "").at("status");
    const credential = {
      token: status.at("token").nameOrNull(),
      // Not text(): cleaning would join the lines of a PEM.
      cert: pem(status.at("clientCertificateData")),
      key: pem(status.at("clientKeyData")),
      expires: status.at("expirationTimestamp").timeOrNull(),
    };
    if (credential.token !== null || credential.cert !== null) return ok(credential);
    return fail(garbled(name, "it holds neither a token nor a certificate"));
  } catch (error) {
    return fail(
      garbled(name, error instanceof Unreadable ? `${error.path} can't be read` : "it is not JSON"),
    );
  }
}

function pem(field: Field): string | null {
  return typeof field.value === "string" && field.value !== "" ? field.value : null;
}

function garbled(name: string, why: string): DataError {
  return {
    kind: "garbled",
    message: `The answer of the credential plugin ${name} is not an ExecCredential: ${why}.`,
    advice: `Run ${name} by hand to see what it says.`,
  };
}
