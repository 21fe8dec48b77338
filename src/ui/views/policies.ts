import { policyTable, type PolicyRow } from "../columns/policies.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import type { Subject } from "../state/uiState.ts";
import { workloadSubject } from "./subjects.ts";
import { gutter, tableContent } from "./tableContent.ts";
import type { View } from "./view.ts";

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
      },
      input,
    ),
};

/** What the figures cannot say. */
const summary = (): readonly Line[] => [
  [
    { text: " ".repeat(gutter) },
    span(
      "A 403 names no policy in metrics, and a program may answer it too: the access log says which.",
      "muted",
    ),
  ],
];
