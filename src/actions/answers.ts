/** What an API server's answer means for a write. */
import { clean } from "../data/mesh/clean.ts";
import type { Json } from "../data/mesh/json.ts";
import { fail, ok, type DataError, type Result } from "../data/mesh/result.ts";
import { valueAt } from "./changes/pointer.ts";
import type { Refusal } from "./proposal.ts";

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

interface Response {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: () => Promise<string>;
}

/** One authenticated request; `Connection.request` of data/kubernetes is one. Never rejects. */
export type Request = (path: string, init?: Init) => Promise<Result<Response, DataError>>;

export interface Answer {
  readonly status: number;
  /** `null` where the body is no JSON. */
  readonly json: Json;
  readonly warnings: readonly string[];
}

/** A whole answer, or why there is none. A body cut short counts as none. */
export async function readAnswer(
  request: Request,
  path: string,
  timeout: number,
  init: Init = {},
): Promise<Result<Answer, DataError>> {
  const response = await request(path, { ...init, signal: AbortSignal.timeout(timeout) });
  if (!response.ok) return response;
  const { status, headers } = response.value;
  try {
    const text = await response.value.text();
    return ok({ status, json: parsed(text), warnings: warningsIn(headers.get("warning")) });
  } catch {
    return fail({
      kind: "unreachable",
      message: "The answer of the API server was cut short.",
      advice: null,
    });
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** `299 - "text", 299 - "more"` (RFC 7234, 5.5; Kubernetes sends code 299). */
function warningsIn(header: string | null): readonly string[] {
  const quoted = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;
  return [...(header ?? "").matchAll(quoted)].map(([, text = ""]) => clean(text.replaceAll(/\\(.)/g, "$1")));
}

const LONGEST = 1000;

/** What kube-apiserver says for any JSON Patch that it can't apply, whatever the reason. */
const FAILED_PATCH = "the server rejected our request due to an error in our request";

/** Admission comes before storage: what a webhook was to see, and did not, was not written. */
const UNSEEN = /failed calling (admission )?webhook/;

const byStatus: Readonly<Record<number, Refusal["is"]>> = {
  401: "forbidden",
  403: "forbidden",
  404: "gone",
  409: "conflict",
  429: "unreachable",
};

/** The refusal in an answer that is not 2xx, or in the lack of one. What was sent in a dry run changes nothing, so its silence is no riddle. */
export function refusalOf(
  answer: Result<Answer, DataError>,
  what: string,
  mode: "dry run" | "for real",
): Refusal {
  const silent = mode === "dry run" ? "unreachable" : "unknown";
  if (!answer.ok)
    return {
      is: silentKind(answer.error, silent),
      message: answer.error.message,
      advice: answer.error.advice,
    };
  const { status, json } = answer.value;
  const said = valueAt(json, "/message");
  const words = typeof said === "string" ? clean(said).slice(0, LONGEST).replace(/\.$/, "") : "";
  const failedTest = status === 422 && words.startsWith(FAILED_PATCH);
  const isSilent = status === 408 || (status >= 500 && !UNSEEN.test(words));
  const is = failedTest ? "conflict" : (byStatus[status] ?? (isSilent ? silent : "invalid"));
  const message =
    words === ""
      ? `The API server answers ${status} for ${what}.`
      : `The API server refuses ${what}: ${words}.`;
  return {
    is,
    message,
    advice: is === "forbidden" ? "Ask for the rights in meshtop's RBAC manifest." : null,
  };
}

/** A credential that could not be made was never sent. */
const silentKind = ({ kind }: DataError, silent: Refusal["is"]): Refusal["is"] =>
  kind === "unreachable" ? silent : kind === "unauthorized" ? "forbidden" : "unreachable";
