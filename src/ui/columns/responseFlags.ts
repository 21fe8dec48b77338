/** Envoy's response flags in words (envoyproxy.io, "Access logging", %RESPONSE_FLAGS%), as far as a mesh shows them, and those of ztunnel (istio.md 4.7). */
const words: Readonly<Record<string, string>> = {
  CONNECT: "no tunnel",
  DC: "client hung up",
  DENY: "refused by a policy",
  DF: "DNS failed",
  DI: "delay injected",
  DPE: "client spoke no HTTP",
  DT: "took too long",
  FI: "fault injected",
  IH: "bad header",
  LH: "local health check failed",
  LR: "reset here",
  NC: "no such cluster",
  NFCF: "no filter config",
  NR: "no route",
  OM: "proxy overloaded",
  RL: "rate limited",
  SI: "stream idle",
  UAEX: "denied by authorizer",
  UC: "upstream hung up",
  UF: "can't connect",
  UH: "no healthy host",
  UMSDR: "stream too long",
  UO: "breaker open: pool full",
  UPE: "upstream spoke no HTTP",
  UR: "upstream reset",
  URX: "retries used up",
  UT: "upstream timed out",
};

/** `null`: a flag that we don't know. */
export const flagMeaning = (flag: string): string | null => words[flag] ?? null;
