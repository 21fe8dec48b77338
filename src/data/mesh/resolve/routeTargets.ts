import { onceFor, sameGroups, sameLists } from "./once.ts";
import type { RouteIndex, RouteObject } from "./routeIndex.ts";

/** Every route object by the hosts (FQDN) of its destinations and mirrors, oldest first under each. */
export const objectsTo = onceFor((routes: RouteIndex): ReadonlyMap<string, readonly RouteObject[]> => {
  const found = new Map<string, RouteObject[]>();
  for (const object of routes.objects) {
    for (const host of targetsOf(object)) {
      const objects = found.get(host) ?? [];
      found.set(host, objects);
      objects.push(object);
    }
  }
  return sameGroups(same, found);
});

const same = sameLists<RouteObject>();

const targetsOf = onceFor((object: RouteObject): ReadonlySet<string> => {
  const { http, tcp, tls } = object.rules();
  const hosts = new Set<string>();
  for (const { destinations } of [...http, ...tcp, ...tls]) {
    for (const { host } of destinations) hosts.add(host);
  }
  for (const { mirrors } of http) for (const { host } of mirrors) hosts.add(host);
  return hosts;
});
