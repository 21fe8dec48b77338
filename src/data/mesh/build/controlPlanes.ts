import type { ControlPlane } from "../model/controlPlane.ts";
import { istiods, revisionOfIstiod } from "../resolve/istiod.ts";
import { onceFor } from "../resolve/once.ts";
import type { KnownMesh } from "./knownMesh.ts";

/** Of the Services that a tag comes with, `istiod-revision-tag-<tag>` (istio-discovery chart, revision-tags-svc.yaml). */
const TAG = "istio.io/tag";
const REVISION = "istio.io/rev";

/** Every istiod, by revision. */
export const buildControlPlanes = onceFor(({ registry, workloads }: KnownMesh): readonly ControlPlane[] => {
  const served = new Map<string, number>();
  for (const { revision } of workloads.values()) {
    if (revision !== null) served.set(revision, (served.get(revision) ?? 0) + 1);
  }
  return istiods(registry.lists.workloads)
    .map((istiod): ControlPlane => {
      const revision = revisionOfIstiod(istiod);
      const tags = registry.lists.services.flatMap(({ meta: { labels } }) => {
        const tag = labels[TAG];
        return tag !== undefined && labels[REVISION] === revision ? [tag] : [];
      });
      return {
        revision,
        tags: tags.toSorted(),
        ref: istiod.meta.ref,
        ready: istiod.ready,
        desired: istiod.desired,
        configMap: registry.settings.byRevision.get(revision)?.meta.ref ?? null,
        workloads: served.get(revision) ?? 0,
      };
    })
    .toSorted((a, b) => (a.revision < b.revision ? -1 : 1));
});
