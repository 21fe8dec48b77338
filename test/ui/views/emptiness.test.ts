import { describe, expect, test } from "vitest";
import type { KindState, KindStatus } from "../../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { DataError } from "../../../src/data/mesh/result.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { coolstore, fixtureInstant } from "../../support/meshFixture.ts";

type Sources = Mesh["sources"];

const refused: DataError = { kind: "forbidden", message: "User oncall may not list them.", advice: null };
const lost: DataError = { kind: "unreachable", message: "Nobody answers.", advice: null };

const statusOf = (kind: string, state: KindState, namespace: string | null = null): KindStatus => ({
  kind,
  namespace,
  state,
  objects: 0,
});

function emptyMesh(sources: Partial<Sources>): Mesh {
  const { egress } = coolstore();
  return coolstore({
    services: [],
    workloads: [],
    graph: { nodes: [], edges: [], pairs: [] },
    canaries: [],
    breakers: [],
    findings: [],
    namespaces: [],
    egress: { ...egress, hosts: [] },
    sources: {
      kubernetes: { is: "live", at: fixtureInstant },
      prometheus: { is: "live", at: fixtureInstant },
      kinds: [],
      notes: [],
      ...sources,
    },
  });
}

/** The sentences of an empty view, on one line. */
function sentences(view: string, sources: Partial<Sources>): string {
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh: emptyMesh(sources) });
  app.press(`:${view}`, "enter");
  return app.screen().split("\n").slice(3, -3).join(" ").replace(/\s+/g, " ");
}

const views: readonly (readonly [view: string, kinds: readonly string[], claim: string])[] = [
  ["services", ["services", "serviceentries.networking.istio.io"], "There is no service"],
  ["graph", ["services", "serviceentries.networking.istio.io"], "No service and no traffic"],
  ["canaries", ["canaries.flagger.app", "rollouts.argoproj.io"], "No Flagger Canary"],
  ["breakers", ["destinationrules.networking.istio.io"], "No DestinationRule here"],
  ["egress", ["serviceentries.networking.istio.io"], "Nobody here calls a host"],
];

describe.each(views)("an empty view of %s", (view, kinds, claim) => {
  const seen = kinds.map((kind) => statusOf(kind, { is: "live" }));

  test("says that there is none where all that could hold one was read", () => {
    expect(sentences(view, { kinds: seen })).toContain(claim);
    const absent = kinds.map((kind) => statusOf(kind, { is: "absent" }));
    expect(sentences(view, { kinds: absent })).toContain(claim);
  });

  test.each(kinds)("claims nothing while %s cannot be read, and says so first", (kind) => {
    const blocked: readonly KindState[] = [
      { is: "forbidden", error: refused },
      { is: "stale", error: lost },
      { is: "loading" },
    ];
    for (const state of blocked) {
      const others = seen.filter((status) => status.kind !== kind);
      const text = sentences(view, { kinds: [...others, statusOf(kind, state)], notes: [`${kind}: a gap.`] });
      expect(text).not.toContain(claim);
      expect(text).toContain(`${kind}: a gap. Whether there is anything to show cannot be told: ${kind}`);
    }
  });

  test("claims nothing about a cluster of which one namespace can be read", () => {
    const narrow = kinds.map((kind) => statusOf(kind, { is: "live" }, "shop"));
    const text = sentences(view, { kinds: narrow });
    expect(text).not.toContain(claim);
    expect(text).toContain("in namespace shop alone");
  });

  test("claims nothing while Kubernetes is not heard of", () => {
    const text = sentences(view, { kinds: seen, kubernetes: { is: "stale", at: null, error: lost } });
    expect(text).not.toContain(claim);
    expect(text).toContain("Nobody answers.");
  });
});

test.each(["graph", "egress"])("an empty view of %s claims nothing without metrics", (view) => {
  const [, kinds, claim] = views.find(([name]) => name === view)!;
  const seen = kinds.map((kind) => statusOf(kind, { is: "live" }));
  const text = sentences(view, { kinds: seen, prometheus: { is: "stale", at: null, error: lost } });
  expect(text).not.toContain(claim);
  expect(text).toContain("Nobody answers.");
});

test("what cannot be seen stands before the claim that it does not touch", () => {
  const kinds = [
    statusOf("canaries.flagger.app", { is: "live" }),
    statusOf("rollouts.argoproj.io", { is: "absent" }),
  ];
  const text = sentences("canaries", { kinds, notes: ["pods: not readable."] });
  expect(text).toMatch(/pods: not readable\. No Flagger Canary/);
});
