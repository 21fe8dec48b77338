import { answering, calls, program, request, visits } from "./calls.ts";
import {
  apps,
  gateway,
  namespace,
  staff,
  staffRoute,
  staffRule,
  webapp,
  webappRule,
  webappTo,
} from "./fleetman/objects.ts";
import { fleetmanVariants } from "./fleetman/variants.ts";
import { istioPlatform } from "./istioPlatform.ts";
import type { Scenario } from "./scenario.ts";
import type { Story } from "./variant.ts";

const base: Scenario = {
  name: "fleetman",
  manifests: [
    ...istioPlatform(namespace),
    ...apps,
    staffRule({}),
    staffRoute,
    webappRule,
    gateway("ingress-gateway-configuration", "*"),
    webapp("fleetman-webapp", { hosts: ["*"], http: [webappTo("original")] }),
  ],
  behaviours: {
    "default/webapp": program(answering(3, 8), {
      ...request,
      host: "fleetman-api-gateway",
      port: 8080,
      path: "/vehicles",
    }),
    "default/webapp-experimental": program(answering(3, 8), {
      ...request,
      host: "fleetman-api-gateway",
      port: 8080,
      path: "/vehicles",
    }),
    "default/api-gateway": program(
      answering(5, 14),
      { ...request, host: "fleetman-position-tracker", port: 8080, path: "/vehicles" },
      { ...request, host: staff, port: 8080, path: "/driver", times: 0.5, needed: false },
    ),
    "default/position-tracker": program(answering(7, 18), {
      ...request,
      host: "fleetman-vehicle-telemetry",
      port: 8080,
      path: "/telemetry",
    }),
    "default/vehicle-telemetry": program(answering(4, 9)),
    "default/position-simulator": program(answering(2, 5)),
    "default/staff-service": program(answering(10, 25)),
    "default/staff-service-risky-version": program(answering(12, 30)),
  },
  outside: {},
  sources: [
    visits(4, { host: "fleetman.com" }),
    calls("default/position-simulator", 2, {
      host: "fleetman-position-tracker",
      port: 8080,
      method: "POST",
      path: "/vehicles",
    }),
  ],
  releases: [],
};

/** The fleet manager of a well-known course: a canary of its staff service, breakers, prefixes, and mTLS (istio.md 1, rows 36 to 44). */
export const fleetman: Story = { base, variants: fleetmanVariants };
