import type { HostLookup } from "../join/ends.ts";
import { keepingItems, Kept, KeptOne } from "../kept.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { ResolvedRoute } from "../resolve/resolvedRoute.ts";
import type { KnownMesh, ServiceMaps, WorkloadMaps } from "./knownMesh.ts";
import { keepingService, type KnownService } from "./knownServices.ts";
import { keepingWorkload, type KnownWorkload, type KnownWorkloads } from "./knownWorkloads.ts";
import type { RuleUse } from "./ruleUses.ts";

/** What one state of the cluster leaves to the next: nothing in it is seen, it only saves work. */
export class KnownMemory {
  readonly serviceList = new KeptOne<readonly KnownService[]>();
  readonly services = new Kept<ServiceKey, KnownService>(keepingService);
  readonly serviceMaps = new KeptOne<ServiceMaps>();
  readonly workloadMap = new KeptOne<KnownWorkloads>();
  readonly workloads = new Kept<WorkloadKey, KnownWorkload>(keepingWorkload);
  readonly workloadMaps = new KeptOne<WorkloadMaps>();
  /** By namespace: one object for as long as nothing around its workloads changes. */
  readonly surroundings = new Kept<string, object>((_, made) => made);
  readonly serviceHosts = new KeptOne<object>();
  readonly routeMap = new KeptOne<KnownMesh["routes"]>();
  readonly routes = new Kept<ServiceKey, readonly ResolvedRoute[]>(keepingItems);
  readonly wholeRoute = new KeptOne<WholeRoutes>();
  readonly mirrors = new KeptOne<KnownMesh["mirrors"]>();
  readonly hostFor = new KeptOne<HostLookup>();
  readonly standing = new KeptOne<object>();
}

/** Routes with all their rules. */
export interface WholeRoutes {
  readonly wholeRoute: KnownMesh["wholeRoute"];
  readonly rulesByDestination: ReadonlyMap<string, readonly RuleUse[]>;
}
