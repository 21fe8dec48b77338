import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import type { Subject } from "../state/uiState.ts";

export const serviceSubject = (service: Service): Subject => ({
  is: "service",
  key: service.key,
  ref: service.ref,
});

export const workloadSubject = (workload: Workload): Subject => ({
  is: "workload",
  key: workload.key,
  ref: workload.ref,
});

export const objectSubject = (ref: ResourceRef): Subject => ({
  is: "object",
  key: ref.namespace === null ? ref.name : `${ref.namespace}/${ref.name}`,
  ref,
});
