/** Argo's kind on a real server: an empty one knows no Rollouts. */
import type { RequestInit } from "undici";
import { sending } from "./kubeWorlds.ts";

/** As people install Argo: the status is a part of its own. */
const rollouts = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "rollouts.argoproj.io" },
  spec: {
    group: "argoproj.io",
    scope: "Namespaced",
    names: { kind: "Rollout", listKind: "RolloutList", plural: "rollouts", singular: "rollout" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
};

type Ask = (path: string, init?: RequestInit) => Promise<{ readonly status: number }>;

/** A real server knows Rollouts only where Argo is installed. */
export async function installRollouts(ask: Ask): Promise<void> {
  const path = "/apis/argoproj.io/v1alpha1/rollouts?limit=1";
  if ((await ask(path)).status === 200) return;
  await ask("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", sending("POST", rollouts));
  for (let i = 0; i < 200; i += 1) {
    if ((await ask(path)).status === 200) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("Rollouts are not served.");
}
