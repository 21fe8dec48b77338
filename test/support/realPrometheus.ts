/** A real Prometheus for tests, from the folder that envtest calls KUBEBUILDER_ASSETS. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, run, serverAbsent, until } from "./childServer.ts";
import { writeRequest, type SeriesOfSamples } from "./remoteWrite.ts";

/** Why tests on a real Prometheus can't run here, or `null`: see `serverAbsent`. */
export function realPrometheusAbsent(): string | null {
  return serverAbsent({ programs: ["prometheus"], folders: [] });
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

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/-/ready`);
  await answer.text();
  return answer.status === 200;
}

function configuration(jobs: readonly ScrapeJob[], interval: string, rules: readonly string[]): string {
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: rules,
    scrape_configs: jobs.map(({ job, targets }) => ({ job_name: job, static_configs: [{ targets }] })),
  });
}

/**
 * Starts a Prometheus on loopback with an empty store; resolves when it is ready.
 * @param options.scrape what it scrapes, nothing unless told. @param options.interval how often, "1s" unless told.
 */
export async function startRealPrometheus(
  options: {
    readonly scrape?: readonly ScrapeJob[];
    readonly interval?: string;
    /** Files of recording rules. */
    readonly rules?: readonly string[];
  } = {},
): Promise<RealPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), "meshtop-prometheus-"));
  const config = join(folder, "prometheus.yml");
  await writeFile(config, configuration(options.scrape ?? [], options.interval ?? "1s", options.rules ?? []));
  const url = `http://127.0.0.1:${await freePort()}`;
  const log = join(folder, "log");
  const program = run(
    "prometheus",
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
    await until("Prometheus' readiness", log, 30, () => isReady(url));
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
