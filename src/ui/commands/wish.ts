/** What a command line wants changed, and the change that it is on this mesh. */
import type { CanaryVerb, WantedChange } from "../../actions/change.ts";
import type { RuleName } from "../../actions/changes/namedRule.ts";
import { canaryOf, hostOf, mirrorOf, outboundOf, shiftNote, shiftOf } from "../../actions/wishes.ts";
import type { OutboundMode } from "../../data/mesh/declared/routing.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Result } from "../../data/mesh/result.ts";

/** `service` and `canary` as they were typed: `ns/name`, or a name alone. Of rules `null` is the only one that fits. */
export type ChangeWish =
  | {
      readonly is: "shift";
      readonly service: string;
      readonly weights: Readonly<Record<string, number>>;
      /** Parts of 100, whatever the weights of the rule sum to. */
      readonly normalise: boolean;
      readonly rule: RuleName | number | null;
    }
  | {
      readonly is: "mirror";
      readonly service: string;
      /** A subset or a Service; `null`: the target that is there. */
      readonly to: string | null;
      /** 0 is off, which keeps the target. */
      readonly percent: number;
      readonly rule: RuleName | number | null;
    }
  | {
      readonly is: "outbound";
      readonly mode: OutboundMode;
      /** Both `null`: the whole mesh. A workload is named as a service is. */
      readonly namespace: string | null;
      readonly workload: string | null;
    }
  | { readonly is: "declareHost"; readonly namespace: string; readonly host: string }
  | { readonly is: "canary"; readonly verb: CanaryVerb | "rollback"; readonly canary: string };

const keyIn =
  (namespace: string) =>
  (name: string): string =>
    name.includes("/") ? name : `${namespace}/${name}`;

/** What the words mean on this mesh, where that is not plain: a sentence among the warnings. `null`: it is. */
export function noteOn(mesh: Mesh, wish: ChangeWish, namespace: string): string | null {
  return wish.is === "shift" ? shiftNote(mesh, { ...wish, service: keyIn(namespace)(wish.service) }) : null;
}

/**
 * Errors: a sentence about the words, such as a service that is not there.
 *
 * @param namespace of names that were typed without one.
 */
export function changeOf(mesh: Mesh, wish: ChangeWish, namespace: string): Result<WantedChange, string> {
  const keyOf = keyIn(namespace);
  switch (wish.is) {
    case "shift":
      return shiftOf(mesh, { ...wish, service: keyOf(wish.service) });
    case "mirror":
      return mirrorOf(mesh, { ...wish, service: keyOf(wish.service) });
    case "outbound":
      return outboundOf(mesh, {
        ...wish,
        workload: wish.workload === null ? null : keyOf(wish.workload),
        configMap: null,
      });
    case "declareHost":
      return hostOf(mesh, wish);
    case "canary":
      return canaryOf(mesh, wish.verb, keyOf(wish.canary));
  }
}
