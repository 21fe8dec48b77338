import type { KubeWorkload, WorkloadKind } from "../../mesh/declared/core.ts";
import { percent } from "../../mesh/units.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";
import { readYaml } from "./yamlText.ts";

interface Replicas {
  readonly desired: number;
  readonly ready: number;
}

/** Where each kind counts its pods. `spec.replicas` defaults to 1 in all that have it. */
const replicas: Readonly<Record<WorkloadKind, (object: RawObject) => Replicas>> = {
  Deployment: countedBySpec,
  StatefulSet: countedBySpec,
  Rollout: countedBySpec,
  DaemonSet: ({ status }) => ({
    desired: status.at("desiredNumberScheduled").numberOr(0),
    ready: status.at("numberReady").numberOr(0),
  }),
};

function countedBySpec({ spec, status }: RawObject): Replicas {
  return { desired: spec.at("replicas").numberOr(1), ready: status.at("readyReplicas").numberOr(0) };
}

/** A Rollout with `workloadRef` has no template of its own: its labels and ports stay empty. */
export function readWorkload(kind: WorkloadKind, object: RawObject): KubeWorkload {
  const { meta, spec } = object;
  const template = spec.at("template");
  return {
    meta,
    kind,
    selector: spec.at("selector").at("matchLabels").labels(),
    template: {
      labels: template.at("metadata").at("labels").labels(),
      annotations: template.at("metadata").at("annotations").labels(),
      ...readSampling(template.at("metadata").at("annotations").at("proxy.istio.io/config")),
    },
    containerPorts: template.at("spec").at("containers").items().flatMap(readPorts),
    ...replicas[kind](object),
  };
}

/** A ProxyConfig that is no YAML says nothing: it must not hide its workload. */
function readSampling(annotation: Field): Pick<KubeWorkload["template"], "tracingSampling"> {
  try {
    const sampling = readYaml(annotation).at("tracing").at("sampling").numberOrNull();
    return sampling === null ? {} : { tracingSampling: percent(sampling) };
  } catch {
    return {};
  }
}

function readPorts(container: Field): readonly { readonly name: string; readonly port: number }[] {
  return container
    .at("ports")
    .items()
    .map((port) => ({
      name: port.at("name").textOrNull() ?? "",
      port: port.at("containerPort").number(),
    }));
}
