import type { Canary } from "../../../src/data/mesh/model/canary.ts";
import {
  http,
  idle,
  plaintext,
  sketchMesh,
  tcp,
  unseen,
  type SketchedCall,
  type SketchedService,
} from "./handmadeMesh.ts";
import { millis, ratio } from "../../../src/data/mesh/units.ts";

const recommendationCanary: Canary = {
  key: "istioinaction/recommendation",
  ref: {
    group: "flagger.app",
    version: "v1beta1",
    kind: "Canary",
    namespace: "istioinaction",
    name: "recommendation",
  },
  controller: "Flagger",
  strategy: "canary",
  apex: "recommendation",
  target: "recommendation",
  phase: "Progressing",
  suspended: false,
  weight: { canary: 20, total: 100, share: ratio(0.2) },
  matches: [],
  mirrored: null,
  observed: null,
  maxWeight: 50,
  step: { now: 2, of: 5 },
  failedChecks: 0,
  threshold: 5,
  interval: millis(60_000),
  lastLook: null,
  webhooks: [],
  waitsAt: null,
  waitsUntil: null,
  metrics: [],
  mirrors: false,
  sessionCookie: null,
  lastTransition: null,
  message: null,
  lastEvent: null,
  lastHalt: null,
  history: [],
  nextWeight: null,
  revertOnDeletion: null,
  stable: {
    name: "recommendation-primary",
    workload: "istioinaction/recommendation-primary",
    traffic: http(3.2),
  },
  candidate: { name: "recommendation-canary", workload: "istioinaction/recommendation", traffic: http(0.8) },
  verdict: { is: "healthy" },
};

/** The book's shop: a bad v2 behind catalog, a canary in progress, a database over TCP, one host outside. */
export const coolstore = sketchMesh({
  namespace: "istioinaction",
  workloads: [{ name: "istio-ingressgateway", namespace: "istio-system", traffic: http(12, 0.041, 34) }],
  services: [
    { name: "webapp", traffic: http(12, 0.041, 32) },
    {
      name: "catalog",
      traffic: http(12, 0.041, 210),
      breaker: "tripping",
      versions: [
        { workload: "catalog", version: "version-v1", traffic: http(10.7, 0, 30), share: 0.89, weight: 90 },
        {
          workload: "catalog-v2",
          version: "version-v2",
          traffic: http(1.3, 0.41, 2100),
          share: 0.11,
          weight: 10,
        },
      ],
    },
    { name: "forum", traffic: http(2, 0, 110), lock: plaintext },
    { name: "mongodb", traffic: tcp(4100) },
    {
      name: "recommendation",
      traffic: http(4, 0, 45),
      versions: [
        { workload: "recommendation-primary", traffic: http(3.2), share: 0.8, weight: 80 },
        { workload: "recommendation", traffic: http(0.8), share: 0.2, weight: 20 },
      ],
    },
  ],
  calls: [
    { from: "istio-system/istio-ingressgateway", to: "webapp", traffic: http(12, 0.041, 34) },
    { from: "webapp", to: "catalog", traffic: http(12, 0.041, 210) },
    { from: "webapp", to: "forum", traffic: http(2, 0, 110), lock: plaintext },
    { from: "webapp", to: "recommendation", traffic: http(4, 0, 45) },
    { from: "forum", to: "external:jsonplaceholder.typicode.com", traffic: http(2, 0, 100), lock: unseen },
    { from: "catalog", to: "mongodb", traffic: tcp(3800) },
    { from: "catalog-v2", to: "mongodb", traffic: tcp(300) },
    { from: "recommendation-primary", to: "catalog", traffic: http(3.2, 0, 30) },
  ],
  canaries: [recommendationCanary],
});

/** As the demo's coolstore: four layers, a caller that nobody knows, and a host outside that no ServiceEntry names. */
export const demoCoolstore = sketchMesh({
  namespace: "istioinaction",
  workloads: [{ name: "istio-ingressgateway", namespace: "istio-system", traffic: http(11, 0.029, 209) }],
  services: [
    { name: "webapp", traffic: http(11, 0.029, 209) },
    {
      name: "catalog",
      traffic: http(9.6, 0.042, 190),
      breaker: "unknown",
      versions: [
        { workload: "catalog", version: "v1", traffic: http(8.2), share: 0.85, weight: 90 },
        { workload: "catalog-v2", version: "v2", traffic: http(1.4, 0.26), share: 0.15, weight: 10 },
      ],
    },
    { name: "forum", traffic: http(2.1, 0, 213) },
    { name: "postgres", traffic: tcp(37_000) },
    {
      name: "recommendation",
      traffic: http(5.5, 0, 48),
      versions: [
        { workload: "recommendation-primary", traffic: http(4.9), share: 0.88, weight: 80 },
        { workload: "recommendation-canary", traffic: http(0.6), share: 0.12, weight: 20 },
      ],
    },
  ],
  calls: [
    { from: "unknown", to: "catalog", traffic: http(0.44, 0.3), lock: plaintext },
    { from: "istio-system/istio-ingressgateway", to: "webapp", traffic: http(11, 0.029, 209) },
    { from: "webapp", to: "catalog", traffic: http(9.2, 0.03, 190) },
    { from: "webapp", to: "forum", traffic: http(2.1, 0, 213) },
    { from: "webapp", to: "recommendation", traffic: http(5.5, 0, 48) },
    { from: "forum", to: "passthrough:jsonplaceholder.typicode.com", traffic: http(2.1), lock: unseen },
    { from: "catalog", to: "postgres", traffic: tcp(37_000) },
  ],
});

const plain = (name: string, rate: number, errors = 0, p95 = 25): SketchedService => ({
  name,
  traffic: http(rate, errors, p95),
});
const call = (from: string, to: string, rate: number, errors = 0): SketchedCall => ({
  from,
  to,
  traffic: http(rate, errors),
});

/** Twelve services of Google's boutique, with a gateway, a cache and a payment provider. */
export const shop = sketchMesh({
  namespace: "shop",
  workloads: [{ name: "istio-ingressgateway", namespace: "istio-system", traffic: http(84) }],
  services: [
    { ...plain("frontend", 84, 0.002, 120), breaker: "unknown" },
    plain("ads", 40),
    {
      name: "recommendations",
      traffic: http(38, 0.012, 90),
      versions: [
        { workload: "recommendations-v1", version: "v1", traffic: http(30), share: 0.79, weight: 80 },
        { workload: "recommendations-v2", version: "v2", traffic: http(6, 0.08), share: 0.16, weight: 15 },
        { workload: "recommendations-v3", version: "v3", traffic: http(2), share: 0.05, weight: 5 },
      ],
    },
    plain("products", 140, 0, 12),
    plain("cart", 31, 0, 8),
    plain("checkout", 4.2, 0.07, 640),
    plain("shipping", 9),
    plain("currency", 96, 0, 4),
    { ...plain("payment", 4.2, 0.07, 600), fault: "abort 503 for 5 %" },
    plain("email", 3.9),
    { name: "redis", traffic: tcp(52_000) },
    { name: "reports", traffic: idle },
  ],
  calls: [
    call("istio-system/istio-ingressgateway", "frontend", 84, 0.002),
    { from: "unknown", to: "frontend", traffic: http(0.3), lock: plaintext },
    call("frontend", "ads", 40),
    call("frontend", "recommendations", 38, 0.012),
    call("frontend", "products", 90),
    call("frontend", "cart", 25),
    call("frontend", "checkout", 4.2, 0.07),
    call("frontend", "shipping", 5),
    call("frontend", "currency", 80),
    call("recommendations-v1", "products", 40),
    call("recommendations-v2", "products", 8),
    call("checkout", "products", 4.2),
    call("checkout", "cart", 8),
    call("checkout", "payment", 4.2, 0.07),
    call("checkout", "email", 3.9),
    call("checkout", "shipping", 4.2),
    call("checkout", "currency", 16),
    { from: "cart", to: "redis", traffic: tcp(52_000) },
    { from: "payment", to: "external:api.stripe.com", traffic: http(4, 0.02), lock: unseen },
    { from: "ads", to: "blackhole:tracker.example.net", traffic: http(0.5, 1), lock: unseen },
    { from: "frontend", to: "ads", traffic: http(4), mirrored: true },
  ],
});

/** Orders ask payments, payments call back, and stock calls itself. */
export const cycle = sketchMesh({
  namespace: "billing",
  services: [plain("orders", 20), plain("payments", 18, 0.03), plain("ledger", 12), plain("stock", 9)],
  workloads: [{ name: "gateway", traffic: http(20) }],
  calls: [
    call("gateway", "orders", 20),
    call("orders", "payments", 18, 0.03),
    call("payments", "ledger", 12),
    call("ledger", "orders", 2),
    call("payments", "orders", 6),
    call("orders", "stock", 9),
    call("stock", "stock", 1.5),
  ],
});

/** One service that calls thirty others. */
export const fanOut = sketchMesh({
  namespace: "hub",
  workloads: [{ name: "edge", traffic: http(300) }],
  services: [
    plain("aggregator", 300, 0.001, 800),
    ...Array.from({ length: 30 }, (_, index) =>
      plain(`backend-${String(index + 1).padStart(2, "0")}`, 10, index === 17 ? 0.2 : 0),
    ),
  ],
  calls: [
    call("edge", "aggregator", 300, 0.001),
    ...Array.from({ length: 30 }, (_, index) =>
      call("aggregator", `backend-${String(index + 1).padStart(2, "0")}`, 10, index === 17 ? 0.2 : 0),
    ),
  ],
});
