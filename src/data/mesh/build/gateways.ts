import type { Gateway } from "../model/gateway.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { onceFor } from "../resolve/once.ts";

/** Every Gateway that is declared, sorted by key; of two kinds with one name the first counts, as in scopes of routes. */
export const buildGateways = onceFor(({ registry, workloads }: KnownMesh): readonly Gateway[] => {
  const serving = new Map<string, string[]>();
  for (const { key, client } of workloads.values()) {
    if (client.is !== "gateway") continue;
    for (const name of client.gateways) serving.set(name, [...(serving.get(name) ?? []), key]);
  }
  const found = new Map<string, Gateway>();
  const add = (ref: Gateway["ref"], listeners: Gateway["listeners"]): void => {
    const key = `${ref.namespace ?? ""}/${ref.name}`;
    if (!found.has(key)) found.set(key, { key, ref, workloads: serving.get(key) ?? [], listeners });
  };
  for (const { meta, servers } of registry.lists.gateways) {
    add(
      meta.ref,
      servers.map(({ port, hosts, tlsMode, credentialName }) => ({
        port: port.number,
        protocol: port.protocol,
        hosts,
        tls: tlsMode,
        credential: credentialName,
      })),
    );
  }
  for (const { meta, listeners } of registry.lists.gatewayApiGateways) {
    add(
      meta.ref,
      listeners.map(({ port, protocol, hostname }) => ({
        ...{ port, protocol, hosts: [hostname ?? "*"] },
        ...{ tls: null, credential: null },
      })),
    );
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
});
