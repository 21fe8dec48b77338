/** A real Prometheus for tests, from the folder that envtest calls KUBEBUILDER_ASSETS. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeRequest, type SeriesOfSamples } from "./remoteWrite.ts";

function absence(): string | null {
  const folder = process.env["KUBEBUILDER_ASSETS"] ?? "";
  if (folder === "") return "KUBEBUILDER_ASSETS is not set";
  return existsSync(join(folder, "prometheus")) ? null : "KUBEBUILDER_ASSETS has no prometheus";
}

/**
 * Why tests on a real Prometheus can't run here, or `null` where they can. Throws the reason instead where
 * MESHTOP_REQUIRE_REAL_SERVERS is 1: then a test that does not run is a test that fails.
 */
export function realPrometheusAbsent(): string | null {
  const reason = absence();
  if (reason !== null && process.env["MESHTOP_REQUIRE_REAL_SERVERS"] === "1") {
    throw new Error(`MESHTOP_REQUIRE_REAL_SERVERS is 1, but ${reason}.`);
  }
  return reason;
}

export interface ScrapeJob {
  readonly job: string;
  /** `host:port` of each; `/metrics` is scraped over HTTP. */
  readonly targets: readonly string[];
}

export interface RealPrometheus {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Stores exactly these samples. They may be of any time, but within an hour of the newest that it has. */
  write(series: readonly SeriesOfSamples[]): Promise<void>;
  /** Kills the server and removes its data. */
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a program that dies with this process, whatever way that one ends: the shell kills it when our end of the pipe closes. */
function run(program: string, args: readonly string[], log: string): { stop(): Promise<void> } {
  const output = openSync(log, "a");
  const script = '"$@" </dev/null & child=$!; cat >/dev/null; kill -9 $child; wait $child';
  const shell = spawn("sh", ["-c", script, "sh", program, ...args], { stdio: ["pipe", output, output] });
  closeSync(output);
  const ended = new Promise<void>((done) => shell.once("close", () => done()));
  return {
    stop: async () => {
      shell.stdin?.end();
      await ended;
    },
  };
}

/** Asks until the server says that it is ready, 30 s at most. */
async function untilReady(url: string, log: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    await answer?.text();
    if (answer?.status === 200) return;
    if (Date.now() > deadline)
      throw new Error(`Prometheus is not ready:\n${readFileSync(log, "utf8").slice(-2000)}`);
    await sleep(50);
  }
}

function configuration(jobs: readonly ScrapeJob[], interval: string): string {
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: jobs.map(({ job, targets }) => ({ job_name: job, static_configs: [{ targets }] })),
  });
}

/**
 * Starts a Prometheus on loopback with an empty store; resolves when it is ready.
 * @param options.scrape what it scrapes, nothing unless told. @param options.interval how often, "1s" unless told.
 */
export async function startRealPrometheus(
  options: { readonly scrape?: readonly ScrapeJob[]; readonly interval?: string } = {},
): Promise<RealPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), "meshtop-prometheus-"));
  const config = join(folder, "prometheus.yml");
  await writeFile(config, configuration(options.scrape ?? [], options.interval ?? "1s"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const log = join(folder, "log");
  const program = run(
    join(process.env["KUBEBUILDER_ASSETS"] ?? "", "prometheus"),
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${new URL(url).host}`,
      "--web.enable-remote-write-receiver",
    ],
    log,
  );
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(url, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop, write: (series) => write(url, series) };
}

async function write(url: string, series: readonly SeriesOfSamples[]): Promise<void> {
  const answer = await fetch(`${url}/api/v1/write`, {
    method: "POST",
    headers: {
      "Content-Encoding": "snappy",
      "Content-Type": "application/x-protobuf",
      "X-Prometheus-Remote-Write-Version": "0.1.0",
    },
    body: new Uint8Array(writeRequest(series)),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Prometheus refused the samples: ${answer.status} ${text}`);
}
