/** Who may ask whom: Istio's tasks "Authorization for HTTP traffic" and "for TCP traffic" (istio.md 1, row 46). */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { custom } from "../objects.ts";
import { all as changes, having, type Variant } from "../variant.ts";
import { withMongo } from "./neighbours.ts";
import { namespace } from "./objects.ts";

const policy = (name: string, spec: Readonly<Record<string, Json>>): Manifest =>
  custom("AuthorizationPolicy", { namespace, name, spec });

const over = (app: string): Json => ({ matchLabels: { app } });

const account = (name: string): string => `cluster.local/ns/${namespace}/sa/bookinfo-${name}`;

/** Only programs that run as one of these may GET from `app`. */
export const viewer = (app: string, ...accounts: readonly string[]): Manifest =>
  policy(`${app}-viewer`, {
    selector: over(app),
    action: "ALLOW",
    rules: [
      {
        ...(accounts.length === 0 ? {} : { from: [{ source: { principals: accounts.map(account) } }] }),
        to: [{ operation: { methods: ["GET"] } }],
      },
    ],
  });

const nothing = policy("allow-nothing", {});

const jason: Json = [{ when: [{ key: "request.headers[end-user]", values: ["jason"] }] }];

/** Attached to a Service: its waypoint enforces it. */
export const noJasonAt = (service: string): Manifest =>
  policy("no-jason", {
    targetRefs: [{ group: "", kind: "Service", name: service }],
    action: "DENY",
    rules: jason,
  });

export const rights: readonly Variant[] = [
  {
    name: "allow-nothing",
    says: "An AuthorizationPolicy without a rule: every request of the namespace is 403.",
    of: having(nothing),
  },
  {
    name: "viewers",
    says: "Each service says who may read it, and ratings does not yet: reviews is refused there.",
    of: having(
      nothing,
      viewer("productpage"),
      viewer("details", "productpage"),
      viewer("reviews", "productpage"),
    ),
  },
  {
    name: "deny-jason",
    says: "Reviews refuses whoever is signed in as jason, whatever else is allowed.",
    of: having(
      viewer("reviews", "productpage"),
      policy("no-jason", {
        selector: over("reviews"),
        action: "DENY",
        rules: jason,
      }),
    ),
  },
  {
    name: "mongo-denied",
    says: "MongoDB lets nobody but details in: connections of ratings are closed before a byte has come through.",
    of: changes(
      withMongo,
      having(
        policy("mongodb-policy", {
          selector: over("mongodb"),
          action: "ALLOW",
          rules: [
            {
              from: [{ source: { principals: [account("details")] } }],
              to: [{ operation: { ports: ["27017"] } }],
            },
          ],
        }),
      ),
    ),
  },
];
