import type { Pair, RequestRate, ResponseRate, TcpRate } from "../telemetry.ts";

// Whether two rows of one pair say the same, beside their labels of a pair.

export const isSameRate = (a: RequestRate, b: RequestRate): boolean =>
  a.rate === b.rate && a.security === b.security && a.protocol === b.protocol;

export const isSameResponse = (a: ResponseRate, b: ResponseRate): boolean =>
  a.rate === b.rate &&
  a.code === b.code &&
  a.flags === b.flags &&
  a.grpcStatus === b.grpcStatus &&
  a.protocol === b.protocol;

export function isSameTcp(a: TcpRate, b: TcpRate): boolean {
  return (
    a.opened === b.opened &&
    a.received === b.received &&
    a.sent === b.sent &&
    a.security === b.security &&
    isSameFailed(a.failed, b.failed)
  );
}

/** In the same order too: sums of rates depend on it. */
function isSameFailed(a: TcpRate["failed"], b: TcpRate["failed"]): boolean {
  if (a === b) return true;
  const [one, other] = [Object.entries(a), Object.entries(b)];
  return (
    one.length === other.length &&
    one.every(([flag, rate], at) => other[at]?.[0] === flag && other[at][1] === rate)
  );
}

export const isSameCaller = (a: Pair, b: Pair): boolean =>
  a.sourceWorkload === b.sourceWorkload && a.sourceNamespace === b.sourceNamespace;

export const isSameAnswerer = (a: Pair, b: Pair): boolean =>
  a.destinationWorkload === b.destinationWorkload && a.destinationNamespace === b.destinationNamespace;

export const isNamedAlike = (a: Pair, b: Pair): boolean =>
  a.destinationRevision === b.destinationRevision && a.destinationVersion === b.destinationVersion;

/** Called from the same namespace: a short name means another service elsewhere. */
export const isSameService = (a: Pair, b: Pair): boolean =>
  a.service === b.service && a.serviceName === b.serviceName && a.serviceNamespace === b.serviceNamespace;
