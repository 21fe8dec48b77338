import { clean } from "../clean.ts";
import type { Ladder } from "../quantile.ts";
import type { Durations, Reporter, RequestRate, ResponseRate, TcpRate } from "../telemetry.ts";

/** Rates by `connection_security_policy`, from proxies that can know it: requests a second, or connections. */
export interface Seen {
  mtls: number;
  plain: number;
  /** The reporter did not say. */
  hidden: number;
}

/** HTTP or gRPC of one pair as one reporter counted it. */
export interface RequestTally {
  rate: number;
  /** 5xx, no response, or a gRPC status above 0. */
  errors: number;
  /** Failed with UH or NC before a host was picked: sent to a destination, reached none. */
  lost: number;
  codes: Map<string, number> | null;
  flags: Map<string, number> | null;
  /** `null`: a client's proxy, which cannot know. */
  readonly seen: Seen | null;
  reporter: Reporter | "mixed";
}

/** TCP of one pair as one reporter counted it. */
export interface ConnectionTally {
  opened: number;
  received: number;
  sent: number;
  flags: Map<string, number> | null;
  readonly seen: Seen | null;
  reporter: Reporter | "mixed";
}

/** What one reporter says about one pair. */
export interface View {
  http: RequestTally | null;
  grpc: RequestTally | null;
  tcp: ConnectionTally | null;
  /** One for each series of the pair; HTTP and gRPC together, because histograms name no protocol here. `null`: none. */
  durations: Ladder[] | null;
}

export const newView = (): View => ({ http: null, grpc: null, tcp: null, durations: null });
export const newSeen = (): Seen => ({ mtls: 0, plain: 0, hidden: 0 });

/** Nobody who can know has said anything. */
export const unseen: Readonly<Seen> = Object.freeze(newSeen());

export function newRequests(reporter: RequestTally["reporter"]): RequestTally {
  return { rate: 0, errors: 0, lost: 0, codes: null, flags: null, seen: seenBy(reporter), reporter };
}

function newConnections(reporter: ConnectionTally["reporter"]): ConnectionTally {
  return { opened: 0, received: 0, sent: 0, flags: null, seen: seenBy(reporter), reporter };
}

const seenBy = (reporter: RequestTally["reporter"]): Seen | null =>
  reporter === "source" ? null : newSeen();

/** An idle pair, or a rate that is no number, says nothing. */
export const isRate = (rate: number): boolean => rate > 0 && rate < Infinity;

export function addRequest(view: View, row: RequestRate): void {
  const tally = (view[row.protocol] ??= newRequests(row.reporter));
  tally.rate += row.rate;
  see(tally.seen, row.security, row.rate);
}

export function addResponse(view: View, row: ResponseRate): void {
  const tally = (view[row.protocol] ??= newRequests(row.reporter));
  if (isError(row)) tally.errors += row.rate;
  const code = codeOf(row);
  if (code !== null) tally.codes = addTo(tally.codes, code, row.rate);
  const flags = flagsOf(row.flags);
  for (const flag of flags) tally.flags = addTo(tally.flags, flag, row.rate);
  if (flags.includes("UH") || flags.includes("NC")) tally.lost += row.rate;
}

export function addTcp(view: View, row: TcpRate): void {
  const tally = (view.tcp ??= newConnections(row.reporter));
  // A row counts for one rate that says something: the others may be no numbers.
  const [opened, received, sent] = [amount(row.opened), amount(row.received), amount(row.sent)];
  tally.opened += opened;
  tally.received += received;
  tally.sent += sent;
  for (const [joined, rate] of Object.entries(row.failed)) {
    if (!Number.isFinite(rate)) continue;
    for (const flag of flagsOf(joined)) tally.flags = addTo(tally.flags, flag, rate);
  }
  // A connection that stays open opens no other: its bytes still say how it travels, at a weight that no opening can lose to.
  see(tally.seen, row.security, opened > 0 ? opened : (received + sent) * Number.EPSILON);
}

const amount = (rate: number): number => (isRate(rate) ? rate : 0);

export function addDurations(view: View, row: Durations): void {
  if (view.durations === null) view.durations = [row];
  else view.durations.push(row);
}

function see(seen: Seen | null, security: RequestRate["security"], rate: number): void {
  if (seen === null) return;
  if (security === "mutual_tls") seen.mtls += rate;
  else if (security === "none") seen.plain += rate;
  else seen.hidden += rate;
}

/** 5xx, no response (code 0), or a gRPC status above 0 (traffic.ts). */
function isError({ code, grpcStatus }: ResponseRate): boolean {
  return code === "0" || (code.length === 3 && code.startsWith("5")) || failedCall(grpcStatus);
}

const failedCall = (status: string): boolean => status !== "" && status !== "0" && status !== "unknown";

/** `grpc N` for a call that failed, else the HTTP code; `null` for a success that only carries a flag. */
function codeOf({ code, grpcStatus }: ResponseRate): string | null {
  if (failedCall(grpcStatus)) return clean(`grpc ${grpcStatus}`);
  return /^[123]\d\d$/.test(code) ? null : clean(code);
}

const none: readonly string[] = [];

/** `UF,URX` as its two flags; none for `-`. */
function flagsOf(joined: string): readonly string[] {
  if (joined === "-" || joined === "") return none;
  if (!joined.includes(",")) return [clean(joined)];
  return [...new Set(joined.split(",").map((flag) => clean(flag.trim())))].filter(
    (flag) => flag !== "-" && flag !== "",
  );
}

export function addTo(sums: Map<string, number> | null, name: string, rate: number): Map<string, number> {
  const into = sums ?? new Map<string, number>();
  into.set(name, (into.get(name) ?? 0) + rate);
  return into;
}
