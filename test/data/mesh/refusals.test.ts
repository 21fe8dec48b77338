import { expect, test } from "vitest";
import { tokenDemand } from "../../../src/data/mesh/resolve/authorization.ts";
import { refusalsOf, refusesUnseen, suspectsIn } from "../../../src/data/mesh/refusals.ts";
import type { Authorization } from "../../../src/data/mesh/model/security.ts";
import type { AuthorizationPolicy, PolicyRule } from "../../../src/data/mesh/declared/security.ts";
import { bytesPerSecond, perSecond } from "../../../src/data/mesh/units.ts";
import { meta } from "../../support/declaredOf.ts";
import { httpOf, workloadOf } from "../../support/meshFixture.ts";

const policy = (name: string, action: Authorization["action"], rules = 1): Authorization => ({
  ref: meta("AuthorizationPolicy", `shop/${name}`).ref,
  action,
  rules,
});

/** "only a", "not allowed a b": who may have refused. */
const named = (...policies: readonly Authorization[]): string => {
  const suspects = suspectsIn(policies);
  const all = suspects.is === "none" ? [] : suspects.is === "only" ? [suspects.policy] : suspects.policies;
  return [suspects.is, ...all.map(({ ref }) => ref.name)].join(" ");
};

test.each([
  ["no policy", [], "none"],
  ["one DENY policy", [policy("a", "DENY")], "only a"],
  ["a DENY policy without rules, which takes nothing", [policy("a", "DENY", 0)], "none"],
  ["a policy that only writes down what it would do", [policy("a", "AUDIT")], "none"],
  ["an authorizer outside", [policy("a", "CUSTOM")], "only a"],
  ["an ALLOW policy without rules, which lets nobody in", [policy("a", "ALLOW", 0)], "not allowed a"],
  [
    "two ALLOW policies, of which one is enough",
    [policy("a", "ALLOW"), policy("b", "ALLOW")],
    "not allowed a b",
  ],
  ["one of each", [policy("a", "DENY"), policy("b", "ALLOW")], "several a b"],
])("of %s, those that may refuse are named and no others", (_, policies, says) => {
  expect(named(...policies)).toBe(says);
});

test("Envoy refuses a gRPC call by its status: PERMISSION_DENIED is a 403, UNAUTHENTICATED a 401", () => {
  const codes = {
    "403": perSecond(1),
    "grpc 7": perSecond(2),
    "grpc 16": perSecond(0.5),
    "503": perSecond(9),
  };
  const inbound = httpOf(20, null, null, { codes });
  expect(refusalsOf({ ...workloadOf("catalog"), inbound })).toMatchObject({
    forbidden: 3,
    unauthenticated: 0.5,
    denied: null,
  });
});

test("where nobody measured codes, nobody knows what was refused", () => {
  const inbound = httpOf(20, null, null, { codes: null });
  expect(refusalsOf({ ...workloadOf("catalog"), inbound })).toMatchObject({
    forbidden: null,
    unauthenticated: null,
  });
});

const judging = (action: AuthorizationPolicy["action"], ...rules: readonly Partial<PolicyRule>[]) => ({
  meta: meta("AuthorizationPolicy", "shop/a"),
  selector: null,
  action,
  rules: rules.length,
  conditions: rules.map((rule) => ({ from: [], to: [], when: [], ...rule })),
  targets: [],
  identities: [],
  methods: [],
});
const withToken = { from: [{ requestPrincipals: ["*"] }] };
const withoutToken = { from: [{ notRequestPrincipals: ["*"] }] };
const claim = { when: [{ key: "request.auth.claims[groups]", values: ["admin"], notValues: [] }] };
const toAdmin = { to: [{ paths: ["/admin*"] }] };

test.each([
  ["no policy", [], "none"],
  ["an ALLOW policy for a token", [judging("ALLOW", withToken)], "required"],
  ["an ALLOW policy for a claim", [judging("ALLOW", claim)], "required"],
  ["an ALLOW policy for a token, or for a path", [judging("ALLOW", withToken, toAdmin)], "some"],
  [
    "two ALLOW policies, one of them without",
    [judging("ALLOW", withToken), judging("ALLOW", toAdmin)],
    "some",
  ],
  ["an ALLOW policy for one of two sources", [judging("ALLOW", { from: [...withToken.from, {}] })], "none"],
  ["an ALLOW policy without rules, which asks for nothing", [judging("ALLOW")], "none"],
  ["a DENY policy for whatever has none", [judging("DENY", withoutToken)], "required"],
  ["a DENY policy for that on one path", [judging("DENY", { ...withoutToken, ...toAdmin })], "some"],
  ["a DENY policy for a claim", [judging("DENY", claim)], "some"],
  ["an AUDIT policy for a token", [judging("AUDIT", withToken)], "none"],
] as const)("by %s a token is asked for: %s", (_, policies, demand) => {
  expect(tokenDemand(policies)).toBe(demand);
});

test.each([
  ["a sidecar with a policy that takes connections", "sidecar", [policy("a", "ALLOW")], true],
  ["a sidecar without a policy", "sidecar", [], false],
  ["a ztunnel, which says DENY", "ambient", [policy("a", "ALLOW")], false],
] as const)("connections that are cut off may be in no metric: %s", (_, proxy, authorization, expected) => {
  const inbound = {
    requests: null,
    connections: {
      opened: perSecond(1),
      received: bytesPerSecond(0),
      sent: bytesPerSecond(0),
      flags: {},
      reporter: "destination" as const,
    },
  };
  expect(refusesUnseen({ ...workloadOf("catalog"), proxy, authorization, inbound })).toBe(expected);
});
