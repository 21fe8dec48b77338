import { nameOf } from "../../../data/mesh/declared/meta.ts";
import type { Workload } from "../../../data/mesh/model/workload.ts";
import { formatRate } from "../../columns/format.ts";
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
function authorizationFacts({ authorization, inbound, proxy }: Workload): readonly Fact[] {
  if (proxy === "none") return [];
  const policies = authorization.map(
    ({ ref, action, rules }) => `${action} ${nameOf(ref)}, ${rules} ${rules === 1 ? "rule" : "rules"}`,
  );
  const refused = inbound.requests?.codes?.["403"] ?? 0;
  return [
    ["authorization", policies.length === 0 ? "no policy: everybody is let in" : policies],
    ...(refused === 0 ? [] : [["answers 403", [span(formatRate(refused), "bad")]] as const]),
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
