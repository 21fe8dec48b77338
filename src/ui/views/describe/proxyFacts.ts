import { nameOf } from "../../../data/mesh/declared/meta.ts";
import type { Workload } from "../../../data/mesh/model/workload.ts";
import { refusalsOf, refusedFor, refusesUnseen, type Suspects } from "../../../data/mesh/refusals.ts";
import type { PerSecond } from "../../../data/mesh/units.ts";
import { formatRate } from "../../columns/format.ts";
import { suspectWords, tokenWords } from "../../columns/policies.ts";
import { sourceWord, tracingWord } from "../../columns/words.ts";
import { span } from "../../paint/line.ts";
import type { Fact } from "./sheet.ts";

/** What a workload's proxy is told beside routes and mTLS: whom it lets in, what it writes down, and whom it knows. */
export function proxyFacts(workload: Workload): readonly Fact[] {
  return [
    ...authorizationFacts(workload),
    ...logFacts(workload),
    ...tracingFacts(workload),
    ...importFacts(workload),
  ];
}

/** Which policy a 403 came from is in no metric, and not even that it came from one: a program may answer 403 by itself. */
function authorizationFacts(workload: Workload): readonly Fact[] {
  const { authorization, proxy } = workload;
  if (proxy === "none") return [];
  const { forbidden, unauthenticated, denied, suspects } = refusalsOf(workload);
  const answers = (name: string, rate: PerSecond | null): readonly Fact[] =>
    (rate ?? 0) === 0 ? [] : [[name, [span(formatRate(rate), "bad")]]];
  const isRefusing = (forbidden ?? 0) + (denied ?? 0) > 0;
  const policies = authorization.map(
    ({ ref, action, rules }) => `${action} ${nameOf(ref)}, ${rules} ${rules === 1 ? "rule" : "rules"}`,
  );
  return [
    ["authorization", policies.length === 0 ? "no policy: everybody is let in" : policies],
    ...answers("answers 403", forbidden),
    ...answers("answers 401", unauthenticated),
    ...answers("cuts off", denied),
    ...(isRefusing ? [["may be", refusers(suspects, workload, forbidden)] as const] : []),
    ...refusedFacts(workload),
    ...(refusesUnseen(workload)
      ? [
          [
            "cut off",
            "connections that a sidecar refuses are in no metric: its access log names the policy",
          ] as const,
        ]
      : []),
    ...tokenFacts(workload),
  ];
}

/** Nothing here is certain but that no other policy selects the workload. */
function refusers(suspects: Suspects, { turnedAway }: Workload, forbidden: PerSecond | null): string {
  // A ztunnel's DENY is a policy's for certain.
  if ((forbidden ?? 0) === 0) return `${suspectWords(suspects)}: ztunnel's log names the policy`;
  // A gateway and a waypoint answer for no program.
  if (turnedAway.length > 0) {
    return suspects.is === "none"
      ? "a route that answers directly: no policy here refuses anything"
      : `${suspectWords(suspects)}: the access log names the policy`;
  }
  return suspects.is === "none"
    ? "the program itself: no policy here refuses anything"
    : `${suspectWords(suspects)}, or the program itself: the access log names the policy`;
}

/** For whom a waypoint refused, with the policies that are attached to that service or to the waypoint. */
const refusedFacts = (workload: Workload): readonly Fact[] =>
  refusedFor(workload).flatMap(({ service, forbidden, suspects }): readonly Fact[] =>
    service === null ? [] : [["403 for", `${service} ${formatRate(forbidden)}, ${suspectWords(suspects)}`]],
  );

function tokenFacts({ tokens }: Workload): readonly Fact[] {
  if (tokens === null) return [];
  const { demand, by, from, issuers } = tokens;
  const asked = by.length === 0 ? "no policy asks for one" : `by ${by.map(nameOf).join(", ")}`;
  return [
    ["tokens", [span(tokenWords[demand], demand === "none" ? "warn" : undefined), span(`, ${asked}`)]],
    ["proved by", from.map(nameOf)],
    ["issuers", issuers.length === 0 ? "none" : issuers],
  ];
}

function logFacts({ accessLog }: Workload): readonly Fact[] {
  if (accessLog === null) return [];
  const { is, providers, from } = accessLog;
  const to = providers.length === 0 ? "" : ` (${providers.join(", ")})`;
  return [["access log", `${is}${to}, from ${sourceWord(from)}`]];
}

function tracingFacts({ tracing }: Workload): readonly Fact[] {
  return tracing === null ? [] : [["tracing", tracingWord(tracing)]];
}

function importFacts({ imports }: Workload): readonly Fact[] {
  return imports === null
    ? []
    : [["imports", [`${imports.hosts.join(", ")}; other hosts are unknown to it`, nameOf(imports.from)]]];
}
