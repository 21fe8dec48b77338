import { perSecond, ratio } from "../../mesh/units.ts";
import type { Json } from "../../mesh/json.ts";
import type { Manifest } from "../kube/objects.ts";
import { answering, calls, program } from "./calls.ts";
import { istioPlatform } from "./istioPlatform.ts";
import { custom, service, workload } from "./objects.ts";
import type { Scenario } from "./scenario.ts";
import { all, having, playing, type Story } from "./variant.ts";

const namespace = "default";

const version = (name: "v1" | "v2"): Manifest =>
  workload({
    namespace,
    name: `httpbin-${name}`,
    labels: { app: "httpbin", version: name },
    replicas: 1,
    image: "docker.io/mccutchen/go-httpbin:v2.15.0",
    port: 8080,
    serviceAccount: "httpbin",
  });

const client = (name: string, image: string): Manifest =>
  workload({ namespace, name, labels: { app: name }, replicas: 1, image, port: 8080 });

const apps: readonly Manifest[] = [
  version("v1"),
  version("v2"),
  service({
    namespace,
    name: "httpbin",
    labels: { app: "httpbin", service: "httpbin" },
    selector: { app: "httpbin" },
    ports: [{ name: "http", port: 8000, targetPort: 8080 }],
  }),
  client("sleep", "curlimages/curl"),
  client("fortio", "docker.io/fortio/fortio:latest_release"),
];

const rule = (spec: Readonly<Record<string, Json>>): Manifest =>
  custom("DestinationRule", { namespace, name: "httpbin", spec: { host: "httpbin", ...spec } });

const subsets: Json = ["v1", "v2"].map((name) => ({ name, labels: { version: name } }));

const route = (rest: Readonly<Record<string, Json>>): Manifest =>
  custom("VirtualService", {
    namespace,
    name: "httpbin",
    spec: {
      hosts: ["httpbin"],
      http: [{ route: [{ destination: { host: "httpbin", subset: "v1" }, weight: 100 }], ...rest }],
    },
  });

const ask = { host: "httpbin", port: 8000, path: "/headers" };

/** Two connections of fortio that never pause, against a server that takes 60 ms: about 33 requests a second. */
const fortio = playing({
  behaviours: { "default/httpbin-v1": program(answering(60, 70)) },
  sources: [
    { ...calls("default/fortio", 33, { ...ask, path: "/get" }), rate: perSecond(33), swing: ratio(0) },
  ],
});

/** Proves tokens, and asks for none. */
const proving = custom("RequestAuthentication", {
  namespace,
  name: "jwt-example",
  spec: {
    selector: { matchLabels: { app: "httpbin" } },
    jwtRules: [
      {
        issuer: "testing@secure.istio.io",
        jwksUri:
          "https://raw.githubusercontent.com/istio/istio/release-1.27/security/tools/jwt/samples/jwks.json",
      },
    ],
  },
});

/** Issuer and subject of Istio's demo token. */
const tokenOf = "testing@secure.istio.io/testing@secure.istio.io";

const mirrored = { host: "httpbin", subset: "v2" };

const base: Scenario = {
  name: "httpbin",
  manifests: [...istioPlatform(namespace), ...apps, rule({ subsets }), route({})],
  behaviours: {
    "default/httpbin-v1": program(answering(8, 20)),
    "default/httpbin-v2": program(answering(9, 22)),
    "default/sleep": program(answering(1, 2)),
    "default/fortio": program(answering(1, 2)),
  },
  outside: {},
  sources: [calls("default/sleep", 5, ask)],
  releases: [],
};

/** Istio's tasks with httpbin: mirroring, faults, timeouts and retries, circuit breaking (istio.md 1, rows 14, 32 to 35). */
export const httpbin: Story = {
  base,
  variants: [
    {
      name: "mirror",
      says: "All requests to v1 are copied to v2, and the percentage says so.",
      of: having(route({ mirror: mirrored, mirrorPercentage: { value: 100 } })),
    },
    {
      name: "mirror-off",
      says: "The mirror keeps its target at 0 percent.",
      of: having(route({ mirror: mirrored, mirrorPercentage: { value: 0 } })),
    },
    {
      name: "breaker",
      says: "One connection, one waiting request, and fortio with two: some answers are 503 UO.",
      of: (scenario) =>
        fortio(
          having(
            rule({
              subsets,
              trafficPolicy: {
                connectionPool: {
                  tcp: { maxConnections: 1 },
                  http: { http1MaxPendingRequests: 1, maxRequestsPerConnection: 1 },
                },
                outlierDetection: {
                  consecutive5xxErrors: 1,
                  interval: "1s",
                  baseEjectionTime: "180s",
                  maxEjectionPercent: 100,
                },
              },
            }),
          )(scenario),
        ),
    },
    {
      name: "jwt",
      says: "Only a token of group1 is let in: fortio brings none and is answered 403.",
      of: all(
        having(
          proving,
          custom("AuthorizationPolicy", {
            namespace,
            name: "require-jwt",
            spec: {
              selector: { matchLabels: { app: "httpbin" } },
              action: "ALLOW",
              rules: [
                {
                  from: [{ source: { requestPrincipals: [tokenOf] } }],
                  when: [{ key: "request.auth.claims[groups]", values: ["group1"] }],
                },
              ],
            },
          }),
        ),
        playing({
          sources: [
            calls("default/sleep", 5, {
              ...ask,
              claims: { "request.auth.principal": tokenOf, "request.auth.claims[groups]": "group1" },
            }),
            calls("default/fortio", 2, ask),
          ],
        }),
      ),
    },
    {
      name: "jwt-optional",
      says: "Tokens are proved and nobody asks for one: fortio's is no good and answered 401, and sleep comes in without any.",
      of: all(
        having(proving),
        playing({
          sources: [calls("default/sleep", 5, ask), calls("default/fortio", 2, { ...ask, badToken: true })],
        }),
      ),
    },
    {
      name: "delay",
      says: "A tenth of the requests is delayed by 5 s.",
      of: having(route({ fault: { delay: { percentage: { value: 10 }, fixedDelay: "5s" } } })),
    },
    {
      name: "abort",
      says: "Every second request is answered 500 by the caller's own proxy.",
      of: having(route({ fault: { abort: { percentage: { value: 50 }, httpStatus: 500 } } })),
    },
    {
      name: "timeout",
      says: "Half a second is all the caller waits, and v1 is slower than that: 504 UT.",
      of: (scenario) =>
        playing({ behaviours: { "default/httpbin-v1": program(answering(700, 1200)) } })(
          having(route({ timeout: "0.5s", retries: { attempts: 0 } }))(scenario),
        ),
    },
    {
      name: "retries",
      says: "v1 fails a third of the time and is asked up to three times more.",
      of: (scenario) =>
        playing({ behaviours: { "default/httpbin-v1": program(answering(8, 20, 0.33)) } })(
          having(route({ retries: { attempts: 3, perTryTimeout: "2s", retryOn: "5xx" } }))(scenario),
        ),
    },
  ],
};
