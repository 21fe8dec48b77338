/** What Flagger makes of a Canary besides the Deployment of the primary: all of it is owned by the Canary (istio.md 7.1). */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { custom, service } from "../objects.ts";

/** Metadata of an object that Flagger owns. */
export const ownedBy = (canary: string): Readonly<Record<string, Json>> => ({
  ownerReferences: [
    {
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      name: canary,
      controller: true,
      blockOwnerDeletion: true,
    },
  ],
});

interface Generated {
  readonly namespace: string;
  /** Name of the Canary. */
  readonly canary: string;
  readonly apex: string;
  readonly targetPort: number;
  /** `analysis.match`, whose requests are weighed; absent: everybody's. */
  readonly match?: Json;
}

/** The three Services, two DestinationRules and the VirtualService, with everything on the primary. */
export function flaggerObjects({
  namespace,
  canary,
  apex,
  targetPort,
  match,
}: Generated): readonly Manifest[] {
  const meta = ownedBy(canary);
  const ports = [{ name: "http", port: 80, targetPort }];
  return [
    // Flagger points the apex Service at the primary once it is up.
    service({
      namespace,
      name: apex,
      labels: { app: apex },
      selector: { app: `${apex}-primary` },
      ports,
      meta,
    }),
    service({ namespace, name: `${apex}-canary`, selector: { app: apex }, ports, meta }),
    service({ namespace, name: `${apex}-primary`, selector: { app: `${apex}-primary` }, ports, meta }),
    ...["canary", "primary"].map((side) =>
      custom("DestinationRule", {
        namespace,
        name: `${apex}-${side}`,
        meta,
        spec: { host: `${apex}-${side}` },
      }),
    ),
    custom("VirtualService", {
      namespace,
      name: apex,
      meta,
      spec: { gateways: ["mesh"], hosts: [apex], http: rulesOf(apex, match) },
    }),
  ];
}

function rulesOf(apex: string, match: Json | undefined): Json {
  const to = (side: string, weight: number): Json => ({ destination: { host: `${apex}-${side}` }, weight });
  const route = [to("primary", 100), to("canary", 0)];
  return match === undefined ? [{ route }] : [{ match, route }, { route: [to("primary", 100)] }];
}
