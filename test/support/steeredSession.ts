/** The built program in a pty on a simulated mesh of the test's own: what it writes can be read behind its back. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDemo, type Demo } from "../../src/data/demo/startDemo.ts";
import { startMeshtop, type TerminalOptions, type TerminalSession } from "./terminal.ts";

export interface SteeredSession extends TerminalSession {
  readonly demo: Demo;
  /** The route of catalog as the API server holds it, without what changes at every write. */
  readonly route: () => unknown;
  /** Weights of its rules, in order; `null` where one is absent. */
  readonly weights: () => readonly (readonly (number | null)[])[];
  /** Files of the journal. */
  readonly journals: () => readonly string[];
  /** Kills the program, and takes the outcome of its last write out of the journal: as if it had been killed between the two. */
  readonly cutOff: () => Promise<void>;
  /** Starts the program again on the same mesh and the same journal. */
  readonly again: () => TerminalSession;
  readonly stop: () => Promise<void>;
}

const catalog = {
  group: "networking.istio.io",
  kind: "VirtualService",
  namespace: "istioinaction",
  name: "catalog",
} as const;

/** What the API server writes itself at every change. */
const changing: ReadonlySet<string> = new Set(["resourceVersion", "managedFields", "generation"]);

interface RouteJson {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: { readonly http: readonly { readonly route?: readonly { readonly weight?: number }[] }[] };
}

/** @param context name of the context in the kubeconfig: `prod` in it makes it a protected one. */
export async function steeredSession(
  options: TerminalOptions & { readonly context?: string; readonly args?: readonly string[] } = {},
): Promise<SteeredSession> {
  const { context = "coolstore", args = [], ...terminal } = options;
  const started = await startDemo({ scenario: "coolstore", seed: 7, clock: () => Date.now(), tickMs: 1000 });
  if (!started.ok) throw new Error(started.error.message);
  const demo = started.value;
  const folder = mkdtempSync(join(tmpdir(), "meshtop-session-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, demo.kubeconfig.replaceAll("meshtop-demo", context));
  const where = ["--kubeconfig", kubeconfig, "--prometheus", demo.prometheusUrl, "--refresh", "1s"];
  const environment = { XDG_STATE_HOME: folder, ...terminal.environment };
  const start = (): TerminalSession => startMeshtop([...where, ...args], { ...terminal, environment });
  const session = start();
  const route = (): RouteJson => demo.store.get(catalog) as unknown as RouteJson;
  const sessions = [session];
  return {
    ...session,
    demo,
    route: () => {
      const { metadata, spec } = route();
      const kept = Object.entries(metadata).filter(([field]) => !changing.has(field));
      return { metadata: Object.fromEntries(kept), spec };
    },
    weights: () => route().spec.http.map((rule) => (rule.route ?? []).map(({ weight }) => weight ?? null)),
    journals: () => {
      const at = join(folder, "meshtop", "journal");
      return existsSync(at) ? readdirSync(at) : [];
    },
    cutOff: async () => {
      session.kill("SIGKILL");
      await session.ended;
      const [name = ""] = readdirSync(join(folder, "meshtop", "journal"));
      const path = join(folder, "meshtop", "journal", name);
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      const torn = lines.at(-1)?.slice(0, 30) ?? "";
      writeFileSync(path, `${lines.slice(0, -2).join("\n")}\n${torn}`);
    },
    again: () => {
      const next = start();
      sessions.push(next);
      return next;
    },
    stop: async () => {
      for (const one of sessions) one.kill("SIGKILL");
      await Promise.all(sessions.map(({ ended }) => ended));
      await demo.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
