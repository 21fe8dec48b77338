import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetch, type RequestInit, type Response } from "undici";
import type { AccessRequest } from "../../src/data/demo/kube/access.ts";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import { realServersAbsent, startControlPlane } from "../support/controlPlane.ts";
import { sending, splitRoute } from "../support/kubeWorlds.ts";

interface Restricted {
  /** Who asks, as refusals name them. */
  readonly user: string;
  ask(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** May look at routes in one namespace, and at nothing else. */
const rule = {
  apiGroups: ["networking.istio.io"],
  resources: ["virtualservices"],
  verbs: ["list", "get", "watch"],
};

function allowed({ verb, group, resource, subresource, namespace }: AccessRequest): boolean {
  return (
    rule.apiGroups.includes(group) &&
    rule.resources.includes(resource) &&
    rule.verbs.includes(verb) &&
    subresource === "" &&
    namespace === "default"
  );
}

async function embedded(): Promise<Restricted> {
  const server = await startKubeServer({ clock: () => Date.now(), access: allowed });
  return {
    user: "demo",
    ask: (path, init) => fetch(`${server.url}${path}`, init),
    stop: () => server.stop(),
  };
}

async function real(): Promise<Restricted> {
  const plane = await startControlPlane();
  await plane.grant([rule], "default");
  const authorization = `Bearer ${plane.limited.token}`;
  return {
    user: plane.limited.user,
    ask: (path, init = {}) =>
      plane.fetch(path, { ...init, headers: { ...(init.headers as Record<string, string>), authorization } }),
    stop: () => plane.stop(),
  };
}

const absent = realServersAbsent();
const group = "/apis/networking.istio.io/v1";
const own = `${group}/namespaces/default/virtualservices`;

describe.each([
  { name: "the embedded API server", start: embedded, skipped: false },
  { name: `a real kube-apiserver (${absent ?? "present"})`, start: real, skipped: absent !== null },
])("Rights of a limited user, $name", ({ start, skipped }) => {
  describe.skipIf(skipped)("may see routes of one namespace", () => {
    let world: Restricted;
    beforeAll(async () => {
      world = await start();
    });
    afterAll(async () => {
      await world.stop();
    });

    const read = async (path: string, init?: RequestInit) => {
      const answer = await world.ask(path, init);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };

    test("and does", async () => {
      expect((await read(own)).status).toBe(200);
      const missing = await read(`${own}/nobody`);
      expect([missing.status, missing.body["reason"]]).toEqual([404, "NotFound"]);
      const watch = await world.ask(`${own}?watch=1&timeoutSeconds=1&resourceVersion=0`);
      expect(watch.status).toBe(200);
      await watch.text();
    });

    test.each([
      ["list", "", `${group}/virtualservices`, {}, "virtualservices", "at the cluster scope"],
      ["watch", "", `${group}/virtualservices?watch=true`, {}, "virtualservices", "at the cluster scope"],
      [
        "list",
        "",
        `${group}/namespaces/shop/virtualservices`,
        {},
        "virtualservices",
        'in the namespace "shop"',
      ],
      [
        "get",
        "reviews",
        `${group}/namespaces/shop/virtualservices/reviews`,
        {},
        "virtualservices",
        'in the namespace "shop"',
      ],
      ["create", "", own, sending("POST", splitRoute("x")), "virtualservices", 'in the namespace "default"'],
      [
        "delete",
        "reviews",
        `${own}/reviews`,
        { method: "DELETE" },
        "virtualservices",
        'in the namespace "default"',
      ],
      [
        "patch",
        "reviews",
        `${own}/reviews`,
        sending("PATCH", {}, "application/merge-patch+json"),
        "virtualservices",
        'in the namespace "default"',
      ],
      ["list", "", `${group}/namespaces/default/sidecars`, {}, "sidecars", 'in the namespace "default"'],
    ])("but may not %s '%s' at %s", async (verb, name, path, init, resource, where) => {
      const { status, body } = await read(path, init);
      expect(status).toBe(403);
      const subject = `${resource}.networking.istio.io${name === "" ? "" : ` "${name}"`}`;
      expect(body).toEqual({
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: `${subject} is forbidden: User "${world.user}" cannot ${verb} resource "${resource}" in API group "networking.istio.io" ${where}`,
        reason: "Forbidden",
        details: { ...(name === "" ? {} : { name }), group: "networking.istio.io", kind: resource },
        code: 403,
      });
    });

    test.each([
      [
        "/api/v1/services",
        'services is forbidden: User "USER" cannot list resource "services" in API group "" at the cluster scope',
      ],
      [
        "/api/v1/namespaces/shop",
        'namespaces "shop" is forbidden: User "USER" cannot get resource "namespaces" in API group "" in the namespace "shop"',
      ],
      [
        "/api/v1/namespaces/shop/services/prometheus:9090/proxy/api/v1/query",
        'services "prometheus:9090" is forbidden: User "USER" cannot get resource "services/proxy" in API group "" in the namespace "shop"',
      ],
    ])("nor see %s", async (path, message) => {
      const { status, body } = await read(path);
      expect([status, body["message"]]).toEqual([403, message.replace("USER", world.user)]);
    });

    test("an access review says so before anybody tries", async () => {
      const review = async (attributes: object) => {
        const { status, body } = await read(
          "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
          sending("POST", {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SelfSubjectAccessReview",
            spec: {
              resourceAttributes: {
                group: "networking.istio.io",
                resource: "virtualservices",
                ...attributes,
              },
            },
          }),
        );
        expect(status).toBe(201);
        return (body["status"] as { readonly allowed: boolean }).allowed;
      };
      expect(await review({ verb: "list", namespace: "default" })).toBe(true);
      expect(await review({ verb: "list" })).toBe(false);
      expect(await review({ verb: "patch", namespace: "default" })).toBe(false);
    });

    test("discovery is open to everybody", async () => {
      expect((await read("/apis")).status).toBe(200);
      expect((await read(group)).status).toBe(200);
    });
  });
});
