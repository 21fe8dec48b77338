/** A simulated mesh of somebody's own manifests. */
import { nameOf } from "../../mesh/declared/meta.ts";
import type { DataError, Result } from "../../mesh/result.ts";
import { fail, ok } from "../../mesh/result.ts";
import { millis } from "../../mesh/units.ts";
import { groupOf } from "../kube/kinds.ts";
import type { Manifest } from "../kube/objects.ts";
import { istioPlatform } from "../scenarios/istioPlatform.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { having } from "../scenarios/variant.ts";
import { guessedTraffic } from "./guessedTraffic.ts";
import { loadable } from "./loadable.ts";
import { listsOf, madeUpFor } from "./madeUp.ts";

export interface OwnScenario {
  readonly scenario: Scenario;
  /** Sentences about what was left out and what was made up. */
  readonly remarks: readonly string[];
}

const system = "istio-system";

/**
 * The objects of these documents in a cluster with Istio, whose namespaces are injected unless a Namespace among them says otherwise. Pods follow from workloads; what routes
 * speak of and no document holds is made up; traffic visits the gateways and calls every Service. Each of these is told in `remarks`.
 *
 * @param documents parsed YAML or JSON; nothing in them is trusted.
 * @param namespace of objects that name none.
 * @errors config: nothing that a mesh is made of is among them.
 */
export function scenarioOfManifests(
  documents: readonly unknown[],
  namespace: string,
): Result<OwnScenario, DataError> {
  const { manifests, remarks } = loadable(documents, namespace);
  if (manifests.length === 0) {
    const message = `There is nothing to simulate in these files. ${remarks.join(" ")}`.trimEnd();
    return fail({
      kind: "config",
      message,
      advice: "Name files with Services, workloads or Istio's objects.",
    });
  }
  const added = madeUpFor(manifests);
  const whole = [...manifests, ...added];
  const lists = listsOf(whole);
  const traffic = guessedTraffic(lists, whole);
  const objects = [...whole, ...traffic.callers];
  const namespaces = [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))];
  const base: Scenario = {
    name: "files",
    manifests: istioPlatform(...namespaces.filter((name) => name !== system)),
    behaviours: traffic.behaviours,
    outside: traffic.outside,
    sources: traffic.sources,
    releases: releasesOf(objects),
  };
  return ok({
    scenario: having(...lastOfEach(objects))(base),
    remarks: [...remarks, ...toldOf([...added, ...traffic.callers]), ...quiet(traffic.sources)],
  });
}

/** A scenario with the objects of these documents in it, each in the place of the one of its kind and name. */
export function scenarioWith(base: Scenario, documents: readonly unknown[], namespace: string): OwnScenario {
  const { manifests, remarks } = loadable(documents, namespace);
  return { scenario: having(...lastOfEach(manifests))(base), remarks };
}

const quiet = (sources: Scenario["sources"]): readonly string[] =>
  sources.length === 0 ? ["Nobody calls: these files hold no Service with pods, and no route for one."] : [];

const keyOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  [groupOf(apiVersion), kind, metadata.namespace ?? "", metadata.name].join(" ");

/** As kubectl applies them: the later one counts. */
const lastOfEach = (manifests: readonly Manifest[]): readonly Manifest[] => [
  ...new Map(manifests.map((manifest) => [keyOf(manifest), manifest])).values(),
];

function toldOf(added: readonly Manifest[]): readonly string[] {
  if (added.length === 0) return [];
  const names = added.map(({ apiVersion, kind, metadata: { namespace = null, name } }) =>
    nameOf({ group: groupOf(apiVersion), version: "", kind, namespace, name }),
  );
  return [`Made up, for these files do not have it: ${names.join(", ")}.`];
}

/** Releases begin by themselves for whatever is delivered step by step. */
function releasesOf(manifests: readonly Manifest[]): Scenario["releases"] {
  const { canaries, rollouts } = listsOf(manifests);
  const targets = [
    ...canaries.map(({ meta, targetRef }) => ({ namespace: meta.ref.namespace, deployment: targetRef.name })),
    ...rollouts.map(({ meta }) => ({ namespace: meta.ref.namespace, deployment: meta.ref.name })),
  ];
  return targets.map(({ namespace, deployment }) => ({
    namespace: namespace ?? "default",
    deployment,
    pause: millis(120_000),
  }));
}
