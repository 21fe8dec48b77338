/** The built program on the simulated coolstore of this process, which outlives each of its commands as a cluster would. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetch } from "undici";
import { startDemo } from "../../src/data/demo/startDemo.ts";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  /** What names the cluster: `--kubeconfig` and `--prometheus`. */
  readonly where: readonly string[];
  /** Of the program: state and configuration lie in `folder`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** URL of the API server. */
  readonly url: string;
  /** Runs the program without a terminal until it ends. */
  readonly meshtop: (...args: readonly string[]) => Promise<Ended>;
  readonly start: (...args: readonly string[]) => Started;
  /** The object as the server holds it now. */
  readonly object: (path: string) => Promise<Held>;
  /** A merge patch by somebody else. */
  readonly meddle: (path: string, patch: unknown) => Promise<void>;
  readonly config: (yaml: string) => Promise<void>;
  /** The same cluster under another name of its context, or through another address. */
  readonly seenAs: (context: string, url?: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Until stderr has it. */
  readonly says: (what: string) => Promise<void>;
}

interface Held {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: {
    readonly http: readonly {
      readonly route: readonly {
        readonly weight?: number;
        readonly destination: { readonly subset: string };
      }[];
      readonly mirror?: unknown;
      readonly mirrorPercentage?: { readonly value: number };
    }[];
    readonly suspend?: boolean;
  };
  readonly data?: Readonly<Record<string, string>>;
}

export const catalogPath = "/apis/networking.istio.io/v1/namespaces/istioinaction/virtualservices/catalog";

const bundle = new URL("../../dist/meshtop.js", import.meta.url).pathname;

/** Collects what a child writes, and resolves when it has ended and all was read. */
function collected(child: ChildProcess): Started {
  const written = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      for (const watcher of watchers) watcher();
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => resolve({ code: code ?? (signal === null ? -1 : -2), ...written }));
  });
  const says = async (what: string): Promise<void> => {
    const heard = new Promise<void>((resolve) => {
      const look = (): void => {
        if (written.stderr.includes(what)) resolve();
      };
      watchers.add(look);
      look();
    });
    const never = ended.then(() => {
      if (!written.stderr.includes(what)) throw new Error(`stderr never said ${what}: ${written.stderr}`);
    });
    await Promise.race([heard, never]);
  };
  return { child, ended, says };
}

export async function startCommandLine(): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), "meshtop-writes-"));
  const demo = await startDemo({ scenario: "coolstore", seed: 1, clock: () => Date.now() });
  if (!demo.ok) throw new Error(demo.error.message);
  const { kubeconfig, prometheusUrl } = demo.value;
  const url = /server: (\S+)/.exec(kubeconfig)?.[1] ?? "";
  const file = join(folder, "kubeconfig");
  const { PATH = "" } = process.env;
  const [state, TMPDIR] = [join(folder, "state"), join(folder, "tmp")];
  await mkdir(TMPDIR);
  const environment = { PATH, HOME: folder, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: state, TMPDIR };
  const where = ["--kubeconfig", file, "--prometheus", prometheusUrl];
  const start = (...args: readonly string[]): Started =>
    collected(
      spawn(process.execPath, [bundle, ...args, ...where], {
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  const seenAs = (context: string, other = url): Promise<void> =>
    writeFile(file, kubeconfig.replaceAll("meshtop-demo", context).replaceAll(url, other));
  await seenAs("meshtop-demo");
  return {
    where,
    environment,
    folder,
    url,
    start,
    seenAs,
    meshtop: (...args) => start(...args).ended,
    object: async (path) => (await (await fetch(url + path)).json()) as Held,
    async meddle(path, patch) {
      const headers = { "content-type": "application/merge-patch+json" };
      const answer = await fetch(url + path, { method: "PATCH", headers, body: JSON.stringify(patch) });
      if (answer.status !== 200) throw new Error(await answer.text());
    },
    async config(yaml) {
      await mkdir(join(folder, "meshtop"), { recursive: true });
      await writeFile(join(folder, "meshtop", "config.yaml"), yaml);
    },
    async stop() {
      await demo.value.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Weights of a rule, from 0, by subset. */
export function weightsOf({ spec }: Held, rule: number): Readonly<Record<string, number>> {
  const route = spec.http[rule]?.route ?? [];
  return Object.fromEntries(route.map(({ destination, weight }) => [destination.subset, weight ?? 0]));
}
