import { speakingIn } from "./accessLog.ts";
import { policiesIn } from "./authorization.ts";
import type { Registry } from "./registry.ts";

/**
 * Everything that this folder's questions about the workloads of one namespace look at, beside the workload, its pods and the Gateways that select it: while
 * these are the same, so are the answers.
 */
export function surroundingsOf(registry: Registry, namespace: string): readonly unknown[] {
  const { settings, namespaces, peerAuthentications, sidecars, gatewayApiGateways, lists } = registry;
  const telemetries = speakingIn(lists.telemetries);
  const policies = policiesIn(lists.authorizationPolicies);
  const places = [namespace, settings.rootNamespace];
  return [
    settings,
    namespaces.get(namespace),
    gatewayApiGateways,
    ...places.flatMap((place) =>
      [peerAuthentications, sidecars, telemetries, policies].map((lists) => lists.get(place)),
    ),
  ];
}
