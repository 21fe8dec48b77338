/** The two calls of Prometheus' HTTP API that meshtop needs, with every way of failing told apart. */
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import type { Instant } from "../mesh/units.ts";
import type { Sample } from "./sample.ts";
import { VectorReader } from "./readVector.ts";
import { plainSamples } from "./samples.ts";
import { SeriesTable, type Reading } from "./seriesTable.ts";
import type { HttpAnswer, Transport } from "./transport.ts";

export interface PrometheusApi {
  readonly where: string;
  /** Evaluates at `at`, or at the server's own time for `null`. `name` is what messages call the query. */
  query(name: string, promql: string, at: Instant | null): Promise<Result<readonly Sample[], DataError>>;
  /** The same, read into a table as it arrives. Nothing of it counts after an error. */
  read(name: string, promql: string, at: Instant | null, into: Reading): Promise<Result<null, DataError>>;
  /** Names of the labels of the matching series that have a sample since `start`; Prometheus may go back to the start of a block. */
  labels(match: string, start: Instant): Promise<Result<readonly string[], DataError>>;
}

/** Longer than this a query goes by POST where it may: proxies cut long request lines. */
const LONGEST_GET = 6_000;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of what is no answer of Prometheus so many bytes are looked at. */
const LONGEST_WORDS = 64 * 1024;

/** The beginning of a body. */
async function wordsOf(answer: HttpAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await answer.read((chunk) => {
    if (length < LONGEST_WORDS) chunks.push(chunk);
    length += chunk.length;
  });
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const body = JSON.parse(text) as unknown;
    return isRecord(body) ? body : null;
  } catch {
    return null;
  }
}

/** The server's own words, on one line; Prometheus puts them in `error`, the API server in `message`. */
async function serverWords(answer: HttpAnswer): Promise<string> {
  const body = parsed(await wordsOf(answer));
  const words = body?.["error"] ?? body?.["message"];
  return typeof words === "string" ? words.replace(/\s+/g, " ").trim().slice(0, 300) : "";
}

interface StatusMeaning {
  readonly kind: DataError["kind"];
  readonly says: string;
  readonly advice: string | null;
}

const statuses: Readonly<Record<number, StatusMeaning>> = {
  400: { kind: "refused", says: "refused the query", advice: null },
  401: {
    kind: "unauthorized",
    says: "wants a credential (401)",
    advice: "Give one with --prometheus-token-file or --prometheus-header.",
  },
  403: {
    kind: "forbidden",
    says: "does not let this user query (403)",
    advice: "Ask for the right to read it.",
  },
  404: {
    kind: "absent",
    says: "has no Prometheus API there (404)",
    advice: "Check the URL: it is the address before /api/v1.",
  },
  422: { kind: "refused", says: "could not evaluate the query (422)", advice: null },
  503: { kind: "failing", says: "is not ready or overloaded (503)", advice: "It is asked again." },
};

function meaningOf(status: number): StatusMeaning {
  const known = statuses[status];
  if (known !== undefined) return known;
  if (status >= 300 && status < 400) {
    return {
      kind: "unauthorized",
      says: `sends elsewhere (${status}), as a login page does`,
      advice: "Give a credential, or the address behind the login.",
    };
  }
  const kind = status >= 500 ? "failing" : "refused";
  return { kind, says: `answered ${status}`, advice: status >= 500 ? "It is asked again." : null };
}

const sentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

async function refusal(where: string, name: string, answer: HttpAnswer): Promise<DataError> {
  const { kind, says, advice } = meaningOf(answer.status);
  const words = await serverWords(answer);
  const about = kind === "refused" ? ` (query "${name}")` : "";
  return { kind, message: `${where} ${says}${about}${words === "" ? "." : `: ${sentence(words)}`}`, advice };
}

function garbled(where: string, contentType: string, beginning: string): DataError {
  const html = contentType.includes("html") || /^\s*</.test(beginning);
  return {
    kind: "garbled",
    message: html
      ? `${where} answered with a web page instead of JSON.`
      : `${where} answered with something that is not Prometheus' JSON.`,
    advice: "Check the URL: a login page or another program may answer there.",
  };
}

/** What an answer's body is read with. */
interface BodyReader {
  take(chunk: Uint8Array): void;
  /** @returns whether it was what Prometheus sends. */
  end(): boolean;
}

async function readBody(
  where: string,
  name: string,
  answer: HttpAnswer,
  reader: BodyReader,
): Promise<Result<null, DataError>> {
  if (answer.status !== 200) return fail(await refusal(where, name, answer));
  let beginning = "";
  const read = await answer.read((chunk) => {
    if (beginning === "") beginning = Buffer.from(chunk.subarray(0, 64)).toString();
    reader.take(chunk);
  });
  if (!read.ok) return read;
  return reader.end() ? ok(null) : fail(garbled(where, answer.contentType, beginning));
}

/** Reads a list of strings. */
class StringsReader implements BodyReader {
  readonly #chunks: Uint8Array[] = [];
  strings: readonly string[] = [];

  take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  end(): boolean {
    const body = parsed(Buffer.concat(this.#chunks).toString());
    const data = body?.["status"] === "success" ? body["data"] : null;
    if (!Array.isArray(data) || !data.every((item) => typeof item === "string")) return false;
    this.strings = data;
    return true;
  }
}

interface Ask {
  readonly name: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
}

interface Line {
  readonly transport: Transport;
  readonly timeoutMs: number;
}

async function sendAsk(
  { transport, timeoutMs }: Line,
  { path, parameters }: Ask,
): Promise<Result<HttpAnswer, DataError>> {
  const text = parameters.toString();
  const signal = AbortSignal.timeout(timeoutMs);
  if (transport.getsOnly || text.length <= LONGEST_GET)
    return transport.send(`${path}?${text}`, { method: "GET", signal });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return transport.send(path, { method: "POST", headers, body: text, signal });
}

async function ask(line: Line, question: Ask, reader: BodyReader): Promise<Result<null, DataError>> {
  const answer = await sendAsk(line, question);
  return answer.ok ? readBody(line.transport.where, question.name, answer.value, reader) : answer;
}

const seconds = (at: Instant): string => (at / 1000).toFixed(3);

/**
 * @param timeoutMs bound of one call. Errors of each call: `unreachable`, `unauthorized`, `forbidden`, `absent`, `refused`
 * (the query itself), `failing`, `garbled`.
 */
export function prometheusApi(transport: Transport, timeoutMs: number): PrometheusApi {
  const line = { transport, timeoutMs };
  const read: PrometheusApi["read"] = (name, promql, at, into) => {
    const parameters = new URLSearchParams({ query: promql });
    if (at !== null) parameters.set("time", seconds(at));
    return ask(line, { name, path: "/api/v1/query", parameters }, new VectorReader(into));
  };
  return {
    where: transport.where,
    read,
    async query(name, promql, at) {
      const table = new SeriesTable(plainSamples);
      const answer = await read(name, promql, at, table.begin());
      return answer.ok ? ok(table.items) : answer;
    },
    async labels(match, start) {
      const parameters = new URLSearchParams({ "match[]": match, start: seconds(start) });
      const reader = new StringsReader();
      const answer = await ask(line, { name: "labels", path: "/api/v1/labels", parameters }, reader);
      return answer.ok ? ok(reader.strings) : answer;
    },
  };
}
