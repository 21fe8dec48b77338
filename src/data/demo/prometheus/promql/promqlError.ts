/**
 * Why an expression has no value, in Prometheus' two classes: `bad_data` (HTTP 400, it does not parse or does not type)
 * and `execution` (HTTP 422, it cannot be evaluated on these series, or not by this engine). Thrown inside the engine only;
 * `parseExpression` and `evaluate` hand it out as a value.
 */
export class PromqlError extends Error {
  readonly type: "bad_data" | "execution";

  constructor(type: "bad_data" | "execution", message: string) {
    super(message);
    this.type = type;
  }
}

export const cannotEvaluate = (message: string): PromqlError => new PromqlError("execution", message);

/** `<line>:<column>: parse error: <message>`, both from 1, as Prometheus' parser says it. */
export function parseErrorAt(input: string, position: number, message: string): PromqlError {
  const before = input.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  return new PromqlError("bad_data", `${line}:${column}: parse error: ${message}`);
}
