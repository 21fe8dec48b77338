/** What programs of a scenario do, in few words. */
import { millis, perSecond, ratio } from "../../mesh/units.ts";
import type { Answering, Behaviour, Call, Source } from "./scenario.ts";

/** A GET of `/` on port 80. */
export const request: Call = {
  host: "",
  port: 80,
  speaks: "http",
  method: "GET",
  path: "/",
  headers: {},
  times: 1,
  onlyFor: "",
  needed: true,
  requestBytes: 480,
  tcp: null,
};

/** Latency in ms at the median and at the 95th percentile, and the part of answers that are 500. */
export function answering(p50: number, p95: number, errors = 0): Answering {
  return { p50: millis(p50), p95: millis(p95), errors: ratio(errors), responseBytes: 1800 };
}

/** A program that forwards no header. */
export function program(answers: Answering, ...calls: readonly Call[]): Behaviour {
  return { ...answers, calls, forwards: [] };
}

/** Clients outside of the cluster, through istio-ingressgateway, `rate` times a second. */
export function visits(rate: number, call: Partial<Call>): Source {
  return {
    at: { is: "gateway", workload: "istio-system/istio-ingressgateway" },
    rate: perSecond(rate),
    swing: ratio(0.15),
    call: { ...request, ...call },
  };
}

/** A workload that calls by itself, `rate` times a second, always as fast. */
export function calls(workload: string, rate: number, call: Partial<Call>): Source {
  return {
    at: { is: "workload", workload },
    rate: perSecond(rate),
    swing: ratio(0),
    call: { ...request, ...call },
  };
}
