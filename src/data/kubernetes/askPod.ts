/** One question by HTTP to a port of a pod that answers localhost alone: istiod's debug interface, Envoy's admin interface. */
import { request as ask, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { clean } from "../mesh/clean.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";
import { portForward, type PodPort } from "./portForward.ts";

export interface PodQuestion extends PodPort {
  /** With its query. */
  readonly path: string;
  /** What answers, as the subject of a sentence: "istiod istio-system/istiod-1". */
  readonly what: string;
  /** Bytes of an answer that are read; more is an error. */
  readonly most: number;
}

const answerWithinMs = 15_000;

/**
 * The JSON of a 200 answer to a GET. Errors: as of `portForward`; `unreachable` where nothing listens on the port or it does not answer in
 * time; `refused` for another status; `garbled` for what is no JSON, or too large.
 */
export async function askPod(
  connection: Connection,
  question: PodQuestion,
): Promise<Result<unknown, DataError>> {
  const tunnel = await portForward(connection, question);
  if (!tunnel.ok) return tunnel;
  try {
    return await answerOver(tunnel.value, question);
  } catch (error) {
    return fail(unanswered(question, error));
  } finally {
    tunnel.value.destroy();
  }
}

async function answerOver(tunnel: Duplex, question: PodQuestion): Promise<Result<unknown, DataError>> {
  const response = await sent(tunnel, question);
  if (response.statusCode !== 200) return fail(refused(question, response.statusCode ?? 0));
  const text = await bodyOf(response, question.most);
  if (text === null) {
    const message = `The answer of ${question.what} is larger than ${Math.round(question.most / 1e6)} MB and was not read.`;
    return fail({ kind: "garbled", message, advice: null });
  }
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    const message = `The answer of ${question.what} to ${pathOnly(question)} is not JSON.`;
    return fail({ kind: "garbled", message, advice: null });
  }
}

function sent(tunnel: Duplex, { path, port }: PodQuestion): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sending = ask({
      createConnection: () => tunnel,
      path,
      headers: { host: `localhost:${port}`, connection: "close", accept: "application/json" },
      signal: AbortSignal.timeout(answerWithinMs),
    });
    sending.on("response", resolve);
    sending.on("error", reject);
    sending.end();
  });
}

/** `null`: there is more of it than `most`. */
async function bodyOf(response: IncomingMessage, most: number): Promise<string | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > most) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

const pathOnly = ({ path }: PodQuestion): string => path.replace(/\?.*$/, "");

const longestReason = 160;

function unanswered({ what, port }: PodQuestion, error: unknown): DataError {
  const isLate = error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
  const said = error instanceof Error ? clean(error.message).slice(0, longestReason) : "";
  const why = isLate ? `no answer within ${answerWithinMs / 1000} s` : said;
  return {
    kind: "unreachable",
    message: `${what} does not answer on port ${port}${why === "" ? "" : `: ${why}`}.`,
    advice: null,
  };
}

function refused(question: PodQuestion, status: number): DataError {
  return {
    kind: "refused",
    message: `${question.what} answers ${status} to ${pathOnly(question)}.`,
    advice: status === 404 ? "Its debug interface may be switched off (ENABLE_DEBUG_ON_HTTP)." : null,
  };
}
