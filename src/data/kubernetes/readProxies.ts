/** The state of proxies, asked of every istiod at once. */
import type { IstiodPod } from "../mesh/proxies/istiodPods.ts";
import { parseSyncz, type ProxySync } from "../mesh/proxies/syncStatus.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import { askPod } from "./askPod.ts";
import type { Connection } from "./connect.ts";

/** istiod's debug interface, for localhost alone (docs/adr/0013). */
const DEBUG_PORT = 15_014;
/** About 1 KB a proxy: more than any istiod serves. */
const MOST = 64_000_000;

/** The proxies that are connected to this istiod. Errors: as of `askPod`, with the right that is needed. */
export async function readProxies(
  connection: Connection,
  istiod: IstiodPod,
): Promise<Result<readonly ProxySync[], DataError>> {
  const { namespace, name: pod } = istiod;
  const what = `istiod ${namespace}/${pod}`;
  const answered = await askPod(connection, {
    namespace,
    pod,
    port: DEBUG_PORT,
    path: "/debug/syncz",
    what,
    most: MOST,
  });
  if (answered.ok) return ok(parseSyncz(answered.value, istiod));
  return fail(answered.error.kind === "forbidden" ? withRight(answered.error) : answered.error);
}

const withRight = (error: DataError): DataError => ({
  ...error,
  advice:
    "Ask for meshtop-proxies in deploy/rbac.yaml: get and create on pods/portforward in istiod's namespace.",
});
