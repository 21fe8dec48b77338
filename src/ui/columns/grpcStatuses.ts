/** gRPC's status codes by number (grpc.io, "Status codes and their use in gRPC"). */
const names = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** The name of a code of `Requests.codes`: UNAVAILABLE of `grpc 14`; `null`: no gRPC status, or none that we know. */
export function grpcStatusName(code: string): string | null {
  const number = /^grpc (\d{1,2})$/.exec(code)?.[1];
  return number === undefined ? null : (names[Number(number)] ?? null);
}

/** `grpc 14 UNAVAILABLE`; an HTTP code as it is. */
export function answerWord(code: string): string {
  const name = grpcStatusName(code);
  return name === null ? code : `${code} ${name}`;
}
