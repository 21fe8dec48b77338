import { explain, type DataError, type Result, ok } from "./mesh/result.ts";
import { silentIn, type ProxyReading } from "./mesh/proxies/proxyReading.ts";
import { answeredRun, type ConnectedRun } from "./run.ts";

interface Answered {
  /** What could not be read, a sentence each. */
  readonly missing: readonly string[];
  /** What istiods say of their proxies; `null`: they were not asked. */
  readonly proxies: ProxyReading | null;
}

/** What a command prints one view from. Errors: as of `answeredRun`; for the view of proxies also that no istiod can be seen. */
export async function answeredView(run: ConnectedRun, view: string): Promise<Result<Answered, DataError>> {
  const missing = await answeredRun(run);
  if (!missing.ok) return missing;
  if (view !== "proxies") return ok({ missing: missing.value, proxies: null });
  const reading = await run.sources.proxies.read();
  if (!reading.ok) return reading;
  return ok({
    missing: [...missing.value, ...silentIn(reading.value).map(explain)],
    proxies: reading.value,
  });
}
