/** Bookinfo without sidecars: istio.io's "Getting started with ambient mode" (istio.md 4.7). */
import type { Labels } from "../../../mesh/declared/meta.ts";
import { ambientPlatform } from "../istioPlatform.ts";
import { namespace as namespaceObject, waypoint } from "../objects.ts";
import { all as changes, having, lacking, type Variant } from "../variant.ts";
import { noJasonAt, viewer } from "./rights.ts";
import { namespace, route, weighted } from "./objects.ts";

/** ztunnel takes the namespace in; reviews has a route that asks for a tenth on v2. */
const takenIn = (labels: Labels = {}): Variant["of"] =>
  changes(
    lacking("DestinationRule", "productpage", "details", "ratings"),
    having(
      namespaceObject(namespace, { "istio.io/dataplane-mode": "ambient", ...labels }),
      ...ambientPlatform,
      route("reviews", weighted("reviews", { v1: 90, v2: 10 })),
    ),
  );

export const ambient: readonly Variant[] = [
  {
    name: "ambient",
    says: "No sidecar and no waypoint: ztunnel encrypts and counts connections, and nobody applies the route of reviews.",
    of: takenIn(),
  },
  {
    name: "ambient-waypoint",
    says: "With a waypoint for the namespace, requests are counted there and a tenth of the reviews comes from v2.",
    of: changes(takenIn({ "istio.io/use-waypoint": "waypoint" }), having(waypoint(namespace, "waypoint"))),
  },
  {
    name: "ambient-workload-waypoint",
    says: "The waypoint is for addresses of pods alone (istio.io/waypoint-for): what is sent to Services goes past it, and nobody applies the route.",
    of: changes(
      takenIn({ "istio.io/use-waypoint": "waypoint" }),
      having(waypoint(namespace, "waypoint", "workload")),
    ),
  },
  {
    name: "ambient-ingress-waypoint",
    says: "By label istio.io/ingress-use-waypoint the ingress gateway sends through the waypoint too, which without it only sees calls inside of the mesh.",
    of: changes(
      takenIn({ "istio.io/use-waypoint": "waypoint", "istio.io/ingress-use-waypoint": "true" }),
      having(waypoint(namespace, "waypoint")),
    ),
  },
  {
    name: "ambient-waypoint-policy",
    says: "The waypoint refuses whoever is signed in as jason, for reviews alone: its 403s are no workload's.",
    of: changes(
      takenIn({ "istio.io/use-waypoint": "waypoint" }),
      having(waypoint(namespace, "waypoint"), noJasonAt("reviews")),
    ),
  },
  {
    name: "ambient-layer7-policy",
    says: "A policy that compares HTTP methods, and no waypoint: ztunnel knows no method, and lets nobody into reviews.",
    of: changes(
      takenIn(),
      lacking("VirtualService", "reviews"),
      lacking("DestinationRule", "reviews"),
      having(viewer("reviews", "productpage")),
    ),
  },
];
