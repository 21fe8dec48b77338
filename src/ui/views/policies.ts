import { refusalsOf, refusesUnseen } from "../../data/mesh/refusals.ts";
import { nothing } from "../columns/format.ts";
import { policyTable, suspectWords, type PolicyRow } from "../columns/policies.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import type { Subject } from "../state/uiState.ts";
import { workloadSubject } from "./subjects.ts";
import { gutter, tableContent } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

const subjectOf = ({ namespace, workload }: PolicyRow): Subject =>
  workload === null ? { is: "namespace", key: namespace, ref: null } : workloadSubject(workload);

export const policiesView: View = {
  id: "policies",
  title: "policies",
  commands: ["policies", "ap", "authorizationpolicy", "ra", "jwt"],
  description: "AuthorizationPolicies by action, tokens asked for, and what was refused beside them",
  isRoot: true,
  render: (input) =>
    tableContent(
      {
        table: policyTable,
        empty: () => ({
          says: ["No AuthorizationPolicy and no RequestAuthentication holds here, and nothing was refused."],
          kinds: ["authorizationpolicies.security.istio.io", "requestauthentications.security.istio.io"],
          needsMetrics: false,
        }),
        subject: subjectOf,
        open: (row) => ({ view: "describe", subject: subjectOf(row) }),
        summary,
        detail,
      },
      input,
    ),
};

/** What the figures cannot say. */
const summary = ({ size }: ViewInput): readonly Line[] =>
  wrapped(
    "A 403 names no policy in metrics, and a program may answer it too: the access log says which.",
    size.columns - 2 * gutter,
  ).map((text): Line => [{ text: " ".repeat(gutter) }, span(text, "muted")]);

/** The policies of a row, whose names its cell may cut. */
function detail({ name, policies, workload }: PolicyRow): readonly string[] {
  if (workload === null) return [];
  const held = policies.map(({ action, ref }) => `${action} ${ref.name}`);
  const refusing = suspectWords(refusalsOf(workload).suspects);
  const tcp = refusesUnseen(workload)
    ? ["Connections that a sidecar cuts off are in no metric; its access log names the policy."]
    : [];
  return [
    `${name}: ${held.length === 0 ? "no policy" : held.join(", ")}.`,
    ...(refusing === nothing ? [] : [`Refused is, or may be: ${refusing}.`]),
    ...tcp,
  ];
}
