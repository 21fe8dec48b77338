import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Line } from "../paint/span.ts";
import { objectKey, type Subject } from "../state/uiState.ts";
import { describeObject } from "./describe/describeObject.ts";
import { describeCanary } from "./describe/describeCanary.ts";
import { describeHost, describeNamespace } from "./describe/describeOthers.ts";
import { describeService } from "./describe/describeService.ts";
import { describeWorkload } from "./describe/describeWorkload.ts";
import { whyNothing } from "./emptiness.ts";
import { traceLines } from "./traces.ts";
import { serviceSubject, workloadSubject } from "./subjects.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

/** The selected thing in words, composed from the mesh: it follows each refresh. */
export const describeView: View = {
  id: "describe",
  title: "describe",
  commands: ["describe"],
  description: "the selected object in words",
  isRoot: false,
  render: (input) => {
    const { subject } = input.page;
    const lines = described(input);
    return {
      ...textContent(lines, input),
      about: subject === null ? "" : aboutWord(subject),
      empty: whyNothing(input.mesh, input.namespace, {
        says: [
          `${subject?.key ?? "It"} is not in what is read now: it was deleted, or it can be seen no more.`,
        ],
        kinds: [],
        needsMetrics: false,
      }),
    };
  },
};

/** Hosts and namespaces are named after themselves, not after the policy that rules them; a host is all of its callers'. */
function aboutWord({ is, key, ref }: Subject): string {
  if (is === "host") return `host ${key.slice(key.indexOf(">") + 1)}`;
  if (is === "namespace") return `namespace ${key}`;
  return `${ref?.kind ?? is} ${key}`;
}

/** An object that is a service, workload or canary of the mesh is described as such. */
function inMesh(subject: Subject, mesh: Mesh): Subject {
  const { is, ref } = subject;
  if (is !== "object" || ref === null) return subject;
  const isIt = (one: { readonly ref: ResourceRef | null }): boolean =>
    one.ref !== null && objectKey(one.ref) === objectKey(ref);
  const service = mesh.services.find(isIt);
  if (service !== undefined) return serviceSubject(service);
  const workload = mesh.workloads.find(isIt);
  if (workload !== undefined) return workloadSubject(workload);
  const canary = mesh.canaries.find(isIt);
  return canary === undefined ? subject : { is: "canary", key: canary.key, ref };
}

function described({ mesh, page, size, glyphs, traces }: ViewInput): readonly Line[] {
  if (page.subject === null) return [];
  const subject = inMesh(page.subject, mesh);
  const { key, ref } = subject;
  switch (subject.is) {
    case "service": {
      const service = mesh.services.find((one) => one.key === key);
      return service === undefined
        ? []
        : [...describeService(service, mesh, size.columns), ...traceLines(service, { mesh, traces, size })];
    }
    case "workload": {
      const workload = mesh.workloads.find((one) => one.key === key);
      return workload === undefined ? [] : describeWorkload(workload, mesh, size.columns);
    }
    case "canary": {
      const canary = mesh.canaries.find((one) => one.key === key);
      return canary === undefined ? [] : describeCanary(canary, mesh, { columns: size.columns, glyphs });
    }
    case "namespace":
      return describeNamespace(key, mesh, size.columns);
    case "host":
      return describeHost(key, mesh);
    case "object":
      return ref === null ? [] : describeObject(ref, mesh, size.columns);
  }
}
