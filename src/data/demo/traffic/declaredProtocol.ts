import { mostSpecific } from "../../mesh/resolve/hosts.ts";
import type { Registry } from "../../mesh/resolve/registry.ts";
import type { Request } from "./plan.ts";
import { protocolOn, type Spoken } from "./protocols.ts";

/** What becomes of a request by what the port that it is for is declared as. @param host FQDN. */
export function declaredProtocol(registry: Registry, { call }: Request, host: string): Spoken {
  const port = registry.servicesByHost.get(host)?.ports.find((candidate) => candidate.port === call.port);
  if (port !== undefined) return protocolOn(port, call.speaks);
  const entry = mostSpecific(registry.serviceEntries, host)?.[0];
  const external = entry?.ports.find(({ number }) => number === call.port);
  return protocolOn({ name: "", protocol: external?.protocol ?? "" }, call.speaks);
}
