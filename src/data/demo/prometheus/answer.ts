/** The body of an answer of Prometheus' HTTP API, and its status. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type ErrorType = "bad_data" | "execution";

const STATUS: Readonly<Record<ErrorType, number>> = { bad_data: 400, execution: 422 };

export const success = (data: unknown): Answer => ({ status: 200, body: { status: "success", data } });

export const refusal = (errorType: ErrorType, error: string): Answer => ({
  status: STATUS[errorType],
  body: { status: "error", errorType, error },
});

export const badParameter = (name: string, reason: string): Answer =>
  refusal("bad_data", `invalid parameter ${JSON.stringify(name)}: ${reason}`);
