import type { DataError, Result } from "../result.ts";
import type { Instant } from "../units.ts";
import type { EnvoyCluster } from "./envoyClusters.ts";
import type { EnvoyVirtualHost } from "./envoyRoutes.ts";

/** One look into one proxy, by its own admin interface. */
export interface ProxyLook {
  readonly at: Instant;
  readonly routes: Result<readonly EnvoyVirtualHost[], DataError>;
  readonly clusters: Result<readonly EnvoyCluster[], DataError>;
}
