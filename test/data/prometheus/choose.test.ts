import { expect, test } from "vitest";
import { emptyConfig } from "../../../src/data/config.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { choosePrometheus, metricNames } from "../../../src/data/prometheus/choose.ts";
import type { PrometheusWish } from "../../../src/data/prometheus/choose.ts";
import { istioNames } from "../../../src/data/prometheus/metrics.ts";

const files: Readonly<Record<string, string>> = {
  "/token": "t0ken\n",
  "/ca.pem": "PEM",
  "/password": "hunter2\n",
};
const read = (path: string) => {
  const text = files[path];
  return text === undefined
    ? fail({ kind: "config" as const, message: `${path} does not exist.`, advice: null })
    : ok(text);
};
const wish: PrometheusWish = {
  flag: null,
  environment: null,
  tokenFile: null,
  caFile: null,
  headers: [],
  configured: emptyConfig.prometheus,
};

test("the flag wins over the configuration, and that over PROMETHEUS_URL", () => {
  const configured = { ...emptyConfig.prometheus, url: "http://configured" };
  const urlOf = (partial: Partial<PrometheusWish>) => {
    const chosen = choosePrometheus({ ...wish, ...partial }, read);
    if (!chosen.ok) return chosen.error;
    return chosen.value.is === "named" ? chosen.value.options.url : null;
  };
  expect(urlOf({ flag: "http://flag", configured, environment: "http://env" })).toBe("http://flag");
  expect(urlOf({ configured, environment: "http://env" })).toBe("http://configured");
  expect(urlOf({ environment: "http://env" })).toBe("http://env");
  expect(urlOf({})).toBeNull();
});

test("credentials come from files, tenants from headers", () => {
  const configured = {
    ...emptyConfig.prometheus,
    user: "ops",
    passwordFile: "/password",
    headers: { "X-A": "1" },
  };
  const flag = "https://prometheus";
  expect(
    choosePrometheus(
      { ...wish, flag, tokenFile: "/token", caFile: "/ca.pem", headers: ["X-Scope-OrgID: a: b"] },
      read,
    ),
  ).toMatchObject({
    ok: true,
    value: { options: { bearerToken: "t0ken", ca: "PEM", headers: { "X-Scope-OrgID": "a: b" } } },
  });
  expect(choosePrometheus({ ...wish, flag, configured }, read)).toMatchObject({
    ok: true,
    value: { options: { basic: { user: "ops", password: "hunter2" }, headers: { "X-A": "1" } } },
  });
});

test("a file that is not there is named, a header that cannot be read is not repeated", () => {
  const flag = "https://prometheus";
  expect(choosePrometheus({ ...wish, flag, tokenFile: "/nowhere" }, read)).toMatchObject({
    ok: false,
    error: { kind: "config", message: "/nowhere does not exist." },
  });
  const refused = choosePrometheus({ ...wish, flag, headers: ["Bearer s3cret"] }, read);
  expect(refused.ok).toBe(false);
  expect(JSON.stringify(refused)).not.toContain("s3cret");
});

test("what was given for a Prometheus that has to be found is read all the same", () => {
  expect(choosePrometheus({ ...wish, headers: ["no header"] }, read)).toMatchObject({
    ok: false,
    error: { kind: "config", message: "A --prometheus-header cannot be read." },
  });
  expect(choosePrometheus({ ...wish, tokenFile: "/nowhere" }, read)).toMatchObject({
    ok: false,
    error: { message: "/nowhere does not exist." },
  });
});

test("a tenant goes with a Prometheus that has to be found; a credential cannot, and that is said without repeating it", () => {
  const headers = ["X-Scope-OrgID: team", "Authorization: Bearer s3cret"];
  const chosen = choosePrometheus({ ...wish, headers, tokenFile: "/token" }, read);
  expect(chosen).toEqual({
    ok: true,
    value: {
      is: "discovered",
      headers: { "X-Scope-OrgID": "team" },
      unsent:
        "Prometheus is reached through the API server, so the token and Authorization header given for it cannot be used. Name its address with --prometheus URL.",
    },
  });
  expect(choosePrometheus(wish, read)).toMatchObject({ value: { headers: {}, unsent: null } });
});

test("a renamed metric replaces Istio's name, an unknown one is refused by name", () => {
  expect(metricNames({ requests: "workload:istio_requests_total" })).toEqual({
    ok: true,
    value: { ...istioNames, requests: "workload:istio_requests_total" },
  });
  expect(metricNames({ request: "x" })).toMatchObject({
    ok: false,
    error: { message: '"prometheus.metrics.request" is no metric of meshtop\'s.' },
  });
});
