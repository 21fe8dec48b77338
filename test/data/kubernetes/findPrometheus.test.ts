import { describe, expect, test } from "vitest";
import { findPrometheus } from "../../../src/data/kubernetes/findPrometheus.ts";
import type { KubeService } from "../../../src/data/mesh/declared/core.ts";
import { declaredBy } from "./support/parsed.ts";

function service(namespace: string, name: string, ports: string, labels = "{}"): KubeService {
  const head = `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}\n`;
  return declaredBy(`${head}spec: {ports: [${ports}]}`).services![0]!;
}

const web = "{name: web, port: 9090}";

describe("Prometheus in a cluster", () => {
  test("is Istio's addon, reached through the API server", () => {
    const services = [
      service("shop", "web", "{port: 80}"),
      service("istio-system", "prometheus", "{name: http, port: 9090}"),
    ];
    expect(findPrometheus(services)).toEqual({
      path: "/api/v1/namespaces/istio-system/services/prometheus:9090/proxy",
      name: "istio-system/prometheus",
    });
  });

  test.each([
    [
      "the operator's chart",
      service("monitoring", "kube-prometheus-stack-prometheus", `${web}, {name: reloader-web, port: 8080}`),
      "kube-prometheus-stack-prometheus:9090",
    ],
    [
      "the community chart",
      service("prometheus", "prometheus-server", "{name: http, port: 80, targetPort: 9090}"),
      "prometheus-server:80",
    ],
    ["the governing Service", service("monitoring", "prometheus-operated", web), "prometheus-operated:9090"],
    [
      "a label in any namespace",
      service("team-x", "metrics", "{port: 8080}", "{app.kubernetes.io/name: prometheus}"),
      "metrics:8080",
    ],
    [
      "TLS",
      service(
        "monitoring",
        "prometheus-k8s",
        "{name: https, port: 9091}",
        "{app.kubernetes.io/name: prometheus}",
      ),
      "https:prometheus-k8s:9091",
    ],
  ])("is found by %s", (_, candidate, target) => {
    expect(findPrometheus([candidate])?.path).toContain(`/services/${target}/proxy`);
  });

  test("is not what comes in the same chart", () => {
    const names = [
      "alertmanager",
      "prometheus-node-exporter",
      "prometheus-pushgateway",
      "kube-prometheus-stack-operator",
      "kube-prometheus-stack-alertmanager",
      "prometheus-adapter",
      "kube-prometheus-stack-grafana",
    ];
    const services = names.map((name) =>
      service("monitoring", name, web, "{app.kubernetes.io/name: prometheus}"),
    );
    expect(findPrometheus(services)).toBeNull();
  });

  test("in Istio's namespace goes before one elsewhere, whatever the order", () => {
    const services = [
      service("monitoring", "prometheus", web),
      service("istio-system", "prometheus", web),
      service("a", "prometheus", web),
    ];
    expect(findPrometheus(services)?.name).toBe("istio-system/prometheus");
    expect(findPrometheus(services.toReversed())?.name).toBe("istio-system/prometheus");
  });

  test("is none without a port to ask", () => {
    expect(
      findPrometheus([service("monitoring", "prometheus", "{name: a, port: 1}, {name: b, port: 2}")]),
    ).toBeNull();
    expect(findPrometheus([])).toBeNull();
  });
});
