/** Rules and destinations in a route object as it is written, with the paths to their fields. */
import type { Json } from "../../data/mesh/json.ts";
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Rule } from "../../data/mesh/model/route.ts";
import { resolveHost, serviceHost } from "../../data/mesh/resolve/hosts.ts";
import type { Guard } from "../change.ts";
import type { Held } from "./held.ts";
import { isJsonArray, isJsonObject, pointer, valueAt, type JsonObject, type Pointer } from "./pointer.ts";

export interface RawDestination {
  readonly weightPath: Pointer;
  /** As written; `null`: absent. */
  readonly weight: number | null;
  /** FQDN. */
  readonly host: string;
  readonly subset: string | null;
  /** Which destination stands at this index. */
  readonly guards: readonly Guard[];
}

export interface RawRule {
  readonly path: Pointer;
  readonly json: JsonObject;
  readonly name: string | null;
  /** Which rule stands at this index: a copy of it may be put in front, with the same destinations for other requests. */
  readonly guards: readonly Guard[];
  readonly destinations: readonly RawDestination[];
}

export const isGatewayApi = (ref: ResourceRef): boolean => ref.group === "gateway.networking.k8s.io";

/** Among several, an absent weight is 0 in Istio and 1 in Gateway API (istio.md 2.1, 3). */
export const absentWeight = (ref: ResourceRef): number => (isGatewayApi(ref) ? 1 : 0);

/** What the weights are once absence is filled in. */
export function weightsIn(rule: RawRule, ref: ResourceRef): readonly number[] {
  return rule.destinations.map(({ weight }) => weight ?? absentWeight(ref));
}

function rulePath(ref: ResourceRef, protocol: Rule["protocol"], index: number): Pointer {
  const list = isGatewayApi(ref) ? "rules" : protocol === "grpc" ? "http" : protocol;
  return pointer("/spec", list, index);
}

/** A rule of a VirtualService or Gateway API route; `null` where the object has no such rule. */
export function rawRule(held: Held, protocol: Rule["protocol"], index: number): RawRule | null {
  const path = rulePath(held.ref, protocol, index);
  const json = valueAt(held.json, path);
  if (!isJsonObject(json)) return null;
  const list = isGatewayApi(held.ref) ? "backendRefs" : "route";
  const items = json[list];
  const read = isGatewayApi(held.ref) ? backend : destination;
  const namespace = held.ref.namespace ?? "";
  return {
    path,
    json,
    name: typeof json["name"] === "string" ? json["name"] : null,
    guards: ["name", isGatewayApi(held.ref) ? "matches" : "match"].map((field) => ({
      path: pointer(path, field),
      value: json[field] ?? null,
    })),
    destinations: isJsonArray(items)
      ? items.map((item, at) => read(isJsonObject(item) ? item : {}, pointer(path, list, at), namespace))
      : [],
  };
}

const text = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
const weightOf = (item: JsonObject): number | null =>
  typeof item["weight"] === "number" ? item["weight"] : null;

/** The whole `destination` is guarded: that a subset is absent could not be tested in itself. */
function destination(item: JsonObject, path: Pointer, namespace: string): RawDestination {
  const target = item["destination"];
  const to = isJsonObject(target) ? target : {};
  return {
    weightPath: pointer(path, "weight"),
    weight: weightOf(item),
    host: resolveHost(text(to["host"]) ?? "", namespace),
    subset: text(to["subset"]),
    guards: target === undefined ? [] : [{ path: pointer(path, "destination"), value: target }],
  };
}

const naming = ["group", "kind", "name", "namespace", "port"] as const;

function backend(item: JsonObject, path: Pointer, namespace: string): RawDestination {
  return {
    weightPath: pointer(path, "weight"),
    weight: weightOf(item),
    host: backendHost(item, namespace),
    subset: null,
    guards: naming.flatMap((field) => {
      const value = item[field];
      return value === undefined ? [] : [{ path: pointer(path, field), value }];
    }),
  };
}

/** As `gatewayApiRules` of data/mesh/resolve reads it. */
function backendHost(item: JsonObject, own: string): string {
  const name = text(item["name"]) ?? "";
  if (text(item["group"]) === "networking.istio.io" && text(item["kind"]) === "Hostname") return name;
  const namespace = text(item["namespace"]) ?? own;
  if (text(item["kind"]) === "ServiceImport") return `${name}.${namespace}.svc.clusterset.local`;
  return serviceHost(namespace, name);
}
