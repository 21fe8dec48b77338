import { describe, expect, test } from "vitest";
import type { Request } from "../../src/actions/answers.ts";
import type { Patch } from "../../src/actions/change.ts";
import { askOf, denialOf, rightsFor, type Ask, type Deed } from "../../src/actions/changes/rights.ts";
import { clusterOf } from "../../src/actions/cluster.ts";
import { whyNot } from "../../src/actions/rights.ts";
import type { ResourceRef } from "../../src/data/mesh/declared/meta.ts";
import { fail, ok } from "../../src/data/mesh/result.ts";
import { instant } from "../../src/data/mesh/units.ts";
import { canaryRef, refOf, rolloutRef, virtualServiceRef } from "./changes/routes.ts";
import { cut } from "../support/writePath.ts";

const route = virtualServiceRef("shop/catalog");
const httpRoute = refOf("gateway.networking.k8s.io", "HTTPRoute", "shop/orders");
const configMap = refOf("", "ConfigMap", "istio-system/istio");
const deployment = refOf("apps", "Deployment", "shop/webapp");
const namespace: ResourceRef = { group: "", version: "v1", kind: "Namespace", namespace: null, name: "shop" };
const canary = canaryRef("shop/payments");
const rollout = rolloutRef("shop/basket");

/** "patch rollouts.argoproj.io/status shop/basket", any name as "*". */
const word = ({ verb, group, resource, subresource, namespace: space, name }: Ask): string =>
  `${verb} ${resource}${group === "" ? "" : `.${group}`}${subresource === null ? "" : `/${subresource}`} ${space ?? ""}/${name ?? "*"}`;
const words = (deed: Deed, ref: ResourceRef) =>
  rightsFor(deed, ref).map((group) => group.map(word).join(" or "));

describe("What a key takes", () => {
  test.each<readonly [Deed, ResourceRef, readonly string[]]>([
    ["shift", route, ["patch virtualservices.networking.istio.io shop/catalog"]],
    ["mirror", httpRoute, ["patch httproutes.gateway.networking.k8s.io shop/orders"]],
    ["outbound", configMap, ["patch configmaps istio-system/istio"]],
    [
      "outbound",
      refOf("networking.istio.io", "Sidecar", "shop/default"),
      ["patch sidecars.networking.istio.io shop/default"],
    ],
    [
      "outbound",
      namespace,
      [
        "list sidecars.networking.istio.io shop/*",
        "patch sidecars.networking.istio.io shop/* or create sidecars.networking.istio.io shop/*",
      ],
    ],
    ["declareHost", deployment, ["create serviceentries.networking.istio.io shop/*"]],
    ["declareHost", namespace, ["create serviceentries.networking.istio.io shop/*"]],
    ["canary", canary, ["patch canaries.flagger.app shop/payments"]],
    [
      "canary",
      rollout,
      ["patch rollouts.argoproj.io shop/basket or patch rollouts.argoproj.io/status shop/basket"],
    ],
    ["pause", rollout, ["patch rollouts.argoproj.io shop/basket"]],
    ["resume", canary, ["patch canaries.flagger.app shop/payments"]],
    ["next", rollout, ["patch rollouts.argoproj.io/status shop/basket"]],
    ["promote", rollout, ["patch rollouts.argoproj.io/status shop/basket"]],
    ["promote", canary, ["patch canaries.flagger.app shop/payments"]],
    ["abort", rollout, ["patch rollouts.argoproj.io/status shop/basket"]],
    [
      "abort",
      canary,
      [
        "patch canaries.flagger.app shop/payments",
        "patch virtualservices.networking.istio.io shop/* or patch httproutes.gateway.networking.k8s.io shop/*",
      ],
    ],
  ])("%s on %j", (deed, ref, expected) => {
    expect(words(deed, ref)).toEqual(expected);
  });

  test("and a patch: its own verb and part, and no name for what is not there yet", () => {
    const edit: Patch = {
      do: "edit",
      ref: rollout,
      subresource: "status",
      uid: "u",
      resourceVersion: "7",
      pinned: false,
      guards: [],
      edits: [],
    };
    expect(word(askOf(edit))).toBe("patch rollouts.argoproj.io/status shop/basket");
    expect(word(askOf({ do: "create", ref: route, manifest: {} }))).toBe(
      "create virtualservices.networking.istio.io shop/*",
    );
    expect(denialOf(askOf(edit))).toBe("you may not patch rollouts/status in shop");
  });
});

/** A server that answers reviews and nothing else; asked for what it denies. */
function reviewer(denied: (ask: Partial<Ask>) => boolean) {
  const asked: Partial<Ask>[] = [];
  const request: Request = (_path, init) => {
    const { spec } = JSON.parse(init?.body ?? "{}") as { spec: { resourceAttributes: Partial<Ask> } };
    asked.push(spec.resourceAttributes);
    const text = JSON.stringify({ status: { allowed: !denied(spec.resourceAttributes) } });
    return Promise.resolve(
      ok({ status: 201, headers: { get: () => null }, text: () => Promise.resolve(text) }),
    );
  };
  return { asked, request };
}
const at = (ms: number) => instant(ms);

describe("The rights of a user", () => {
  test("are asked once for all objects of a kind in a namespace", async () => {
    const { asked, request } = reviewer(() => false);
    const cluster = clusterOf(request, () => at(0));
    for (const name of ["a", "b", "c"]) {
      expect(await whyNot("shift", virtualServiceRef(`shop/${name}`), cluster)).toBeNull();
    }
    expect(asked).toEqual([
      { verb: "patch", group: "networking.istio.io", resource: "virtualservices", namespace: "shop" },
    ]);
    await whyNot("shift", virtualServiceRef("bank/a"), cluster);
    expect(asked).toHaveLength(2);
  });

  test("may be for one name alone", async () => {
    const { request } = reviewer(({ name }) => name !== "catalog");
    const cluster = clusterOf(request, () => at(0));
    expect(await whyNot("shift", route, cluster)).toBeNull();
    expect(await whyNot("shift", virtualServiceRef("shop/other"), cluster)).toBe(
      "you may not patch virtualservices in shop",
    );
  });

  test("are enough where one of two ways is open", async () => {
    const noCreate = clusterOf(reviewer(({ verb }) => verb === "create").request, () => at(0));
    expect(await whyNot("outbound", namespace, noCreate)).toBeNull();
    const noWrite = clusterOf(reviewer(({ verb }) => verb !== "list").request, () => at(0));
    expect(await whyNot("outbound", namespace, noWrite)).toBe("you may not patch sidecars in shop");
    const noList = clusterOf(reviewer(({ verb }) => verb === "list").request, () => at(0));
    expect(await whyNot("outbound", namespace, noList)).toBe("you may not list sidecars in shop");
  });

  test.each([
    ["a yes for five minutes", false, 300_000],
    ["a no for half a minute: somebody may have given the right meanwhile", true, 30_000],
  ])("are kept, %s", async (_how, denies, ms) => {
    let now = 0;
    const { asked, request } = reviewer(() => denies);
    const cluster = clusterOf(request, () => at(now));
    await whyNot("pause", canary, cluster);
    const once = asked.length;
    now = ms - 1;
    await whyNot("pause", canary, cluster);
    expect(asked).toHaveLength(once);
    now = ms;
    await whyNot("pause", canary, cluster);
    expect(asked).toHaveLength(2 * once);
  });

  test("are not kept where the server did not tell", async () => {
    let down = true;
    const { request } = reviewer(() => true);
    const cluster = clusterOf(
      (path, init) => (down ? Promise.resolve(fail(cut)) : request(path, init)),
      () => at(0),
    );
    expect(await whyNot("pause", canary, cluster)).toBeNull();
    down = false;
    expect(await whyNot("pause", canary, cluster)).toBe("you may not patch canaries in shop");
  });

  test("are not denied by an authorizer that failed", async () => {
    const text = JSON.stringify({ status: { allowed: false, evaluationError: "webhook: timeout" } });
    const request: Request = () =>
      Promise.resolve(ok({ status: 201, headers: { get: () => null }, text: () => Promise.resolve(text) }));
    expect(
      await whyNot(
        "pause",
        canary,
        clusterOf(request, () => at(0)),
      ),
    ).toBeNull();
  });
});
