/** The two calls of Prometheus' HTTP API that meshtop needs, with every way of failing told apart. */
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import type { Instant } from "../mesh/units.ts";
import { parseAnswer } from "./parseAnswer.ts";
import type { HttpAnswer, Transport } from "./transport.ts";

/** One element of an instant vector: labels and value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and infinities are kept as they are. */
  readonly value: number;
}

export interface PrometheusApi {
  readonly where: string;
  /** Evaluates at `at`, or at the server's own time for `null`. `name` is what messages call the query. */
  query(name: string, promql: string, at: Instant | null): Promise<Result<readonly Sample[], DataError>>;
  /** Names of the labels of the matching series that have a sample since `start`; Prometheus may go back to the start of a block. */
  labels(match: string, start: Instant): Promise<Result<readonly string[], DataError>>;
}

/** Longer than this a query goes by POST where it may: proxies cut long request lines. */
const LONGEST_GET = 6_000;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function parsedBody(text: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const body = await parseAnswer(text);
    return isRecord(body) ? body : null;
  } catch {
    return null;
  }
}

/** The server's own words, on one line; Prometheus puts them in `error`, the API server in `message`. */
async function serverWords(answer: HttpAnswer): Promise<string> {
  const body = await parsedBody(answer.text);
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

function garbled(where: string, answer: HttpAnswer): DataError {
  const html = answer.contentType.includes("html") || /^\s*</.test(answer.text);
  return {
    kind: "garbled",
    message: html
      ? `${where} answered with a web page instead of JSON.`
      : `${where} answered with something that is not Prometheus' JSON.`,
    advice: "Check the URL: a login page or another program may answer there.",
  };
}

async function dataOf(where: string, name: string, answer: HttpAnswer): Promise<Result<unknown, DataError>> {
  if (answer.status !== 200) return fail(await refusal(where, name, answer));
  const body = await parsedBody(answer.text);
  if (body === null || body["status"] !== "success") return fail(garbled(where, answer));
  return ok(body["data"]);
}

/** Prometheus writes values as strings: "0.5", "NaN", "+Inf". */
function valueOf(text: unknown): number {
  if (typeof text !== "string") return Number.NaN;
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

function labelsOf(metric: unknown): Readonly<Record<string, string>> {
  if (!isRecord(metric)) return {};
  return metric as Readonly<Record<string, string>>;
}

function samplesOf(data: unknown): readonly Sample[] | null {
  if (!isRecord(data)) return null;
  const result = data["result"];
  if (!Array.isArray(result)) return null;
  if (data["resultType"] === "scalar") return [{ labels: {}, value: valueOf(result[1]) }];
  if (data["resultType"] !== "vector") return null;
  return result.map((element: unknown) => {
    const { metric, value } = isRecord(element) ? element : {};
    return { labels: labelsOf(metric), value: valueOf(Array.isArray(value) ? value[1] : undefined) };
  });
}

function stringsOf(data: unknown): readonly string[] | null {
  return Array.isArray(data) && data.every((item) => typeof item === "string") ? data : null;
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

async function ask<T>(
  line: Line,
  question: Ask,
  read: (data: unknown) => T | null,
): Promise<Result<T, DataError>> {
  const { where } = line.transport;
  const answer = await sendAsk(line, question);
  if (!answer.ok) return answer;
  const data = await dataOf(where, question.name, answer.value);
  if (!data.ok) return data;
  const value = read(data.value);
  return value === null ? fail(garbled(where, answer.value)) : ok(value);
}

const seconds = (at: Instant): string => (at / 1000).toFixed(3);

/**
 * @param timeoutMs bound of one call. Errors of each call: `unreachable`, `unauthorized`, `forbidden`, `absent`, `refused`
 * (the query itself), `failing`, `garbled`.
 */
export function prometheusApi(transport: Transport, timeoutMs: number): PrometheusApi {
  const line = { transport, timeoutMs };
  return {
    where: transport.where,
    query(name, promql, at) {
      const parameters = new URLSearchParams({ query: promql });
      if (at !== null) parameters.set("time", seconds(at));
      return ask(line, { name, path: "/api/v1/query", parameters }, samplesOf);
    },
    labels(match, start) {
      const parameters = new URLSearchParams({ "match[]": match, start: seconds(start) });
      return ask(line, { name: "labels", path: "/api/v1/labels", parameters }, stringsOf);
    },
  };
}
