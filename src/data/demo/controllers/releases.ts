import type { Json } from "../../mesh/json.ts";
import { fieldsAt, listAt, textAt } from "../kube/fields.ts";
import type { KubeObject } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import type { Release } from "../scenarios/scenario.ts";
import { specOf } from "./flagger/canaryObject.ts";
import { statusOf } from "./flagger/canaryStatus.ts";
import { visitEach } from "./visitEach.ts";

/** The developers: they push a new image some time after the controller has finished with the last one. */
export function createReleases(
  store: ObjectStore,
  releases: readonly Release[],
): { step(now: number): void } {
  /** End of the run that the last image came after. */
  const answered = new Map<Release, string>();
  return {
    step(now) {
      visitEach(releases, (release) => {
        const ended = canaryEnd(store, release) ?? rolloutEnd(store, release);
        if (ended === null || answered.get(release) === ended) return;
        if (!(now >= Date.parse(ended) + release.pause)) return;
        pushImage(store, release);
        answered.set(release, ended);
      });
    },
  };
}

/** RFC 3339; `null`: Flagger has none of this name, is at work on it, or is told to wait. */
function canaryEnd(store: ObjectStore, { namespace, deployment }: Release): string | null {
  const canary = store.list({ group: "flagger.app", kind: "Canary" }).find((object) => {
    const spec = specOf(object);
    return spec.namespace === namespace && spec.target === deployment;
  });
  if (canary === undefined || specOf(canary).suspend) return null;
  const { phase, lastTransitionTime } = statusOf(canary);
  return phase === "Succeeded" || phase === "Failed" ? lastTransitionTime : null;
}

/** The same for a Rollout of this name. One that was aborted waits for its people. */
function rolloutEnd(store: ObjectStore, { namespace, deployment: name }: Release): string | null {
  const rollout = store.get({ group: "argoproj.io", kind: "Rollout", namespace, name });
  if (rollout === null || textAt(rollout, "status", "phase") !== "Healthy") return null;
  return textAt(listAt(rollout, "status", "conditions")[0], "lastTransitionTime");
}

function pushImage(store: ObjectStore, { namespace, deployment: name }: Release): void {
  const running =
    store.get({ group: "argoproj.io", kind: "Rollout", namespace, name }) ??
    store.get({ group: "apps", kind: "Deployment", namespace, name });
  if (running === null) return;
  const spec = fieldsAt(running, "spec");
  const template = fieldsAt(spec, "template");
  const containers = listAt(template, "spec", "containers").map((container): Json => {
    const image = nextImage(textAt(container, "image") ?? "");
    return { ...fieldsAt(container), image };
  });
  const pod = { ...fieldsAt(template, "spec"), containers };
  const released: KubeObject = { ...running, spec: { ...spec, template: { ...template, spec: pod } } };
  store.apply(released, "kubectl-set");
}

/** `x:1.8.0` becomes `x:1.9.0`. */
function nextImage(image: string): string {
  return image.replace(
    /:(\d+)\.(\d+)\.\d+$/,
    (_, major: string, minor: string) => `:${major}.${Number(minor) + 1}.0`,
  );
}
