import { describe, expect, test } from "vitest";
import type { AuthorizationPolicy, PolicyRule } from "../../../../src/data/mesh/declared/security.ts";
import { judge, policiesFor, type Judged } from "../../../../src/data/mesh/resolve/authorization.ts";
import { meta } from "../../../support/declaredOf.ts";
import { registry } from "./builders.ts";

const anything: PolicyRule = { from: [], to: [], when: [] };

function policy(
  at: string,
  action: AuthorizationPolicy["action"],
  rules: readonly Partial<PolicyRule>[],
  more: Partial<AuthorizationPolicy> = {},
): AuthorizationPolicy {
  return {
    meta: meta("AuthorizationPolicy", at),
    selector: null,
    action,
    rules: rules.length,
    conditions: rules.map((rule) => ({ ...anything, ...rule })),
    targets: [],
    identities: [],
    methods: [],
    ...more,
  };
}

const webapp = "cluster.local/ns/shop/sa/webapp";

const get = {
  host: "catalog.shop",
  method: "GET",
  path: "/items/7?full=1",
  headers: { "end-user": "jason" },
  claims: { "request.auth.claims[groups]": "group1" },
};

const asked = (more: Partial<Judged> = {}): Judged => ({
  principal: webapp,
  port: 8080,
  request: get,
  ...more,
});

/** Is a request let in by one ALLOW policy with this one rule? */
const allows = (rule: Partial<PolicyRule>, judged = asked()): boolean =>
  judge([policy("shop/one", "ALLOW", [rule])], judged).is === "allowed";

describe("which policies judge a workload (security.istio.io, AuthorizationPolicy scope)", () => {
  const lists = {
    authorizationPolicies: [
      policy("shop/wide", "ALLOW", []),
      policy("shop/catalog", "DENY", [], { selector: { app: "catalog" } }),
      policy("shop/other", "DENY", [], { selector: { app: "forum" } }),
      policy("elsewhere/wide", "DENY", []),
      policy("istio-system/mesh", "DENY", []),
      policy("istio-system/catalogs", "DENY", [], { selector: { app: "catalog" } }),
      policy("shop/waypoint", "DENY", [], { targets: [{ kind: "Service", name: "catalog" }] }),
    ],
  };
  test("its namespace's and the root namespace's, without a selector or with its labels; never one that is attached", () => {
    const names = policiesFor(registry(lists), "shop", { app: "catalog" }).map(({ meta }) => meta.ref.name);
    expect(names).toEqual(["wide", "catalog", "mesh", "catalogs"]);
  });
});

describe("what policies say of one request (istio.io, AuthorizationPolicy)", () => {
  test("nobody speaks: allowed; an ALLOW policy without rules: denied; a rule without conditions takes everything", () => {
    expect(judge([], asked())).toEqual({ is: "allowed" });
    expect(judge([policy("shop/nothing", "ALLOW", [])], asked())).toEqual({ is: "denied", by: null });
    expect(allows({})).toBe(true);
  });

  test("DENY wins over ALLOW and is named; without rules it takes nothing", () => {
    const all = policy("shop/all", "ALLOW", [{}]);
    const deny = policy("shop/no", "DENY", [{ to: [{ paths: ["/items/*"] }] }]);
    expect(judge([all, deny], asked())).toMatchObject({ is: "denied", by: { name: "no" } });
    expect(judge([all, policy("shop/no", "DENY", [])], asked()).is).toBe("allowed");
  });

  test("CUSTOM and AUDIT decide nothing here", () => {
    expect(judge([policy("shop/x", "CUSTOM", [{}]), policy("shop/y", "AUDIT", [{}])], asked()).is).toBe(
      "allowed",
    );
  });

  test.each<[string, Partial<PolicyRule>, boolean]>([
    ["the caller's principal", { from: [{ principals: [webapp] }] }, true],
    ["another principal", { from: [{ principals: ["cluster.local/ns/shop/sa/forum"] }] }, false],
    ["a principal by its end", { from: [{ principals: ["*/sa/webapp"] }] }, true],
    ["the caller's namespace", { from: [{ namespaces: ["shop"] }] }, true],
    ["a namespace by its beginning", { from: [{ namespaces: ["sh*"] }] }, true],
    ["not the caller's namespace", { from: [{ notNamespaces: ["shop"] }] }, false],
    ["its service account", { from: [{ serviceAccounts: ["shop/webapp"] }] }, true],
    ["one of two sources", { from: [{ namespaces: ["x"] }, { namespaces: ["shop"] }] }, true],
    ["both fields of one source", { from: [{ namespaces: ["shop"], principals: ["x"] }] }, false],
    ["the method", { to: [{ methods: ["GET", "HEAD"] }] }, true],
    ["another method", { to: [{ methods: ["POST"] }] }, false],
    ["the path without its query", { to: [{ paths: ["/items/7"] }] }, true],
    ["a path by template", { to: [{ paths: ["/items/{*}"] }] }, true],
    ["a template of one segment", { to: [{ paths: ["/{*}"] }] }, false],
    ["a template of any segments", { to: [{ paths: ["/{**}"] }] }, true],
    ["not a path", { to: [{ notPaths: ["/items*"] }] }, false],
    ["the container's port", { to: [{ ports: ["8080"] }] }, true],
    ["a header", { when: [{ key: "request.headers[end-user]", values: ["jason"], notValues: [] }] }, true],
    [
      "a header that is not there",
      { when: [{ key: "request.headers[x]", values: ["*"], notValues: [] }] },
      false,
    ],
    ["a claim", { when: [{ key: "request.auth.claims[groups]", values: ["group1"], notValues: [] }] }, true],
    [
      "not that claim",
      { when: [{ key: "request.auth.claims[groups]", values: [], notValues: ["group1"] }] },
      false,
    ],
    ["a token, where none came", { from: [{ requestPrincipals: ["*"] }] }, false],
  ])("ALLOW by %s", (_name, rule, expected) => {
    expect(allows(rule)).toBe(expected);
  });

  test("without mTLS nobody has an identity: a rule that asks for one takes nothing, a negated one does", () => {
    const plain = asked({ principal: null });
    expect(allows({ from: [{ namespaces: ["shop"] }] }, plain)).toBe(false);
    expect(allows({ from: [{ principals: ["*"] }] }, plain)).toBe(false);
    expect(allows({ from: [{ notPrincipals: [webapp] }] }, plain)).toBe(true);
  });
});

describe("TCP (istio.io, Authorization for TCP traffic)", () => {
  const connection = asked({ request: null, port: 27017 });

  test("an ALLOW rule with anything of HTTP is ignored", () => {
    expect(allows({ to: [{ ports: ["27017"] }] }, connection)).toBe(true);
    expect(allows({ to: [{ ports: ["27017"], methods: ["GET"] }] }, connection)).toBe(false);
  });

  test("a DENY rule loses what is of HTTP, and so denies more", () => {
    const deny = policy("shop/no", "DENY", [{ to: [{ ports: ["27017"], methods: ["GET"] }] }]);
    expect(judge([deny], connection).is).toBe("denied");
    expect(judge([deny], asked({ request: null, port: 9000 })).is).toBe("allowed");
  });
});
