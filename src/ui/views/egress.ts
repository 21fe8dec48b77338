import type { EgressHost, OutboundPolicy } from "../../data/mesh/model/egress.ts";
import { egressTable } from "../columns/egress.ts";
import { outboundTone, outboundWord, sourceWord } from "../columns/words.ts";
import { span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import type { Subject } from "../state/uiState.ts";
import { gutter, tableContent } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

const subjectOf = ({ from, host, policy }: EgressHost): Subject => ({
  is: "host",
  key: `${from}>${host}`,
  ref: policy.from === "default" ? null : policy.from,
});

export const egressView: View = {
  id: "egress",
  title: "egress",
  commands: ["egress", "eg", "outbound"],
  description: "who calls hosts outside, and the outbound policy that lets or stops them",
  isRoot: true,
  render: (input) =>
    tableContent(
      {
        table: egressTable,
        empty: () => ({
          says: ["Nobody here calls a host outside of the mesh, as far as metrics say."],
          kinds: ["serviceentries.networking.istio.io"],
          needsMetrics: true,
        }),
        subject: subjectOf,
        open: (row) => ({ view: "describe", subject: subjectOf(row) }),
        summary,
      },
      input,
    ),
};

/** The mesh's policy, and that of each namespace with another one. */
function summary({ mesh, namespace }: ViewInput): readonly Line[] {
  const { egress } = mesh;
  const others = egress.namespaces.filter(
    (one) =>
      (namespace === null || one.namespace === namespace) &&
      (one.policy.mode !== egress.mesh.mode || one.namespace === namespace),
  );
  return [
    [{ text: " ".repeat(gutter) }, ...policySpans("mesh", egress.mesh)],
    ...others.map(({ namespace: name, policy }): Line => [
      { text: " ".repeat(gutter) },
      ...policySpans(name, policy),
    ]),
  ].slice(0, mostPolicies);
}

/** Lines that the policies may take from the hosts. */
const mostPolicies = 4;

function policySpans(name: string, policy: OutboundPolicy): readonly Span[] {
  return [
    span(`${name} `, "title"),
    span(outboundWord(policy), outboundTone(policy)),
    span(policy.from === "default" ? " by default" : ` from ${sourceWord(policy.from)}`, "muted"),
  ];
}
