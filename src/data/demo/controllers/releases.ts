import type { Json } from "../../mesh/json.ts";
import { fieldsAt, listAt, textAt } from "../kube/fields.ts";
import type { KubeObject } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import type { Release } from "../scenarios/scenario.ts";
import { specOf, statusOf } from "./flagger/canaryObject.ts";

/** The developers: they push a new image some time after Flagger has finished with the last one. */
export function createReleases(
  store: ObjectStore,
  releases: readonly Release[],
): { step(now: number): void } {
  /** Transition of the Canary that the last image came after. */
  const answered = new Map<Release, string>();
  return {
    step(now) {
      for (const release of releases) {
        const canary = store
          .list({ group: "flagger.app", kind: "Canary" })
          .find((object) => isAbout(object, release));
        if (canary === undefined) continue;
        const { phase, lastTransitionTime } = statusOf(canary);
        const isOver = phase === "Succeeded" || phase === "Failed";
        if (!isOver || specOf(canary).suspend || answered.get(release) === lastTransitionTime) continue;
        if (!(now >= Date.parse(lastTransitionTime) + release.pause)) continue;
        answered.set(release, lastTransitionTime);
        pushImage(store, release);
      }
    },
  };
}

function isAbout(canary: KubeObject, { namespace, deployment }: Release): boolean {
  const spec = specOf(canary);
  return spec.namespace === namespace && spec.target === deployment;
}

function pushImage(store: ObjectStore, { namespace, deployment: name }: Release): void {
  const deployment = store.get({ group: "apps", kind: "Deployment", namespace, name });
  if (deployment === null) return;
  const spec = fieldsAt(deployment, "spec");
  const template = fieldsAt(spec, "template");
  const containers = listAt(template, "spec", "containers").map((container): Json => {
    const image = nextImage(textAt(container, "image") ?? "");
    return { ...fieldsAt(container), image };
  });
  const pod = { ...fieldsAt(template, "spec"), containers };
  const released: KubeObject = { ...deployment, spec: { ...spec, template: { ...template, spec: pod } } };
  store.apply(released, "kubectl-set");
}

/** `x:1.8.0` becomes `x:1.9.0`. */
function nextImage(image: string): string {
  return image.replace(
    /:(\d+)\.(\d+)\.\d+$/,
    (_, major: string, minor: string) => `:${major}.${Number(minor) + 1}.0`,
  );
}
