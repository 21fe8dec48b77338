/** Istio's own sample manifests, as they are applied to namespace default, through our parsers. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { kinds } from "../../../../src/data/kubernetes/parse/kinds.ts";
import { readRaw } from "../../../../src/data/kubernetes/parse/raw.ts";
import { emptyLists, type DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import { workloadsBehind } from "../../../../src/data/mesh/resolve/backends.ts";
import { clientOf } from "../../../../src/data/mesh/resolve/client.ts";
import { destinationRuleFor } from "../../../../src/data/mesh/resolve/destinationRules.ts";
import { firstMatching } from "../../../../src/data/mesh/resolve/matches.ts";
import { registryOf, type Registry } from "../../../../src/data/mesh/resolve/registry.ts";
import { httpRulesInOrder, routesFor, routesOf } from "../../../../src/data/mesh/resolve/routing.ts";
import { hostOf, workload } from "../../../support/declaredOf.ts";
import { manifestFolder, samplesAbsent } from "../../../support/istioSampleFiles.ts";
import { gatewayFor, names, sidecarIn, targets } from "./builders.ts";

const absent = samplesAbsent();

interface Raw {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
}

/** What `kubectl apply -f a.yaml -f b.yaml` leaves in the cluster. */
function applied(...files: readonly string[]): Registry {
  let lists: DeclaredLists = emptyLists;
  for (const file of files) {
    for (const document of parseAllDocuments(readFileSync(resolve(manifestFolder, `${file}.yaml`), "utf8"))) {
      const raw = document.toJS() as Raw | null;
      if (raw !== null) lists = withObject(lists, raw);
    }
  }
  return registryOf(lists);
}

function withObject(lists: DeclaredLists, raw: Raw): DeclaredLists {
  const [version = "", group = ""] = raw.apiVersion.split("/").reverse();
  const kind = kinds.find((k) => k.kind === raw.kind && k.group === group);
  if (kind === undefined) return lists;
  const value = { ...raw, metadata: { namespace: "default", ...raw.metadata } };
  const read = readRaw({ ...kind, version }, value, kind.read);
  if (!read.ok) throw new Error(read.error.message);
  const added = Object.entries(read.value) as [keyof DeclaredLists, readonly never[]][];
  return added.reduce<DeclaredLists>(
    (all, [list, items]) => ({ ...all, [list]: [...all[list], ...items] }),
    lists,
  );
}

const request = {
  uri: "/",
  method: "GET",
  scheme: "http",
  authority: "",
  headers: {},
  queryParams: {},
  port: 80,
};
const productpage = sidecarIn("default", { app: "productpage" });
const reviews = hostOf("default/reviews");

describe.skipIf(absent !== null)(`samples of Istio${absent === null ? "" : ` (skipped: ${absent})`}`, () => {
  test("bookinfo: reviews 90/10, and each subset has its Deployment", () => {
    const mesh = applied("bookinfo", "bookinfo-destination-rules", "bookinfo-reviews-90-10");
    const [route] = routesFor(mesh, reviews, productpage);
    expect(route?.http[0]?.destinations.map((d) => [d.host, d.subset, d.effectiveWeight])).toEqual([
      [reviews, "v1", 90],
      [reviews, "v2", 10],
    ]);
    const service = mesh.servicesByHost.get(reviews);
    const subsets = destinationRuleFor(mesh, reviews, productpage)?.subsets ?? [];
    expect(
      subsets.map(({ name, labels }) => [
        name,
        service && workloadsBehind(mesh, service, labels).map((w) => w.meta.ref.name),
      ]),
    ).toEqual([
      ["v1", ["reviews-v1"]],
      ["v2", ["reviews-v2"]],
      ["v3", ["reviews-v3"]],
    ]);
  });

  test("bookinfo: jason sees v2, everybody else v1 (Request Routing task)", () => {
    const mesh = applied("bookinfo", "bookinfo-reviews-jason");
    const rules = httpRulesInOrder(routesFor(mesh, reviews, productpage), productpage);
    const asked = (headers: Readonly<Record<string, string>>) =>
      targets(firstMatching(rules, { ...request, headers }, productpage));
    expect(asked({ "end-user": "jason" })).toEqual(["reviews.default:v2"]);
    expect(asked({ "end-user": "anna" })).toEqual(["reviews.default:v1"]);
    expect(asked({})).toEqual(["reviews.default:v1"]);
  });

  test("bookinfo: the gateway knows a few paths of productpage and no others", () => {
    const mesh = applied("bookinfo", "bookinfo-gateway");
    const edge = clientOf(mesh, workload("istio-system/istio-ingressgateway", { istio: "ingressgateway" }));
    expect(edge).toMatchObject({ is: "gateway", gateways: ["default/bookinfo-gateway"] });
    const rules = httpRulesInOrder(routesFor(mesh, "bookinfo.example.com", edge), edge);
    const at = (uri: string) => targets(firstMatching(rules, { ...request, uri }, edge));
    expect([at("/productpage?u=normal"), at("/static/a.css"), at("/"), at("/productpage/x")]).toEqual([
      ["productpage.default"],
      ["productpage.default"],
      [],
      [],
    ]);
    const service = mesh.services.get("default/productpage");
    expect(service && names(routesOf(mesh, service))).toEqual(["default/bookinfo"]);
  });

  test("helloworld: * at the gateway, nothing on the mesh", () => {
    const mesh = applied("helloworld", "helloworld-gateway");
    expect(names(routesFor(mesh, "any.host", gatewayFor("default/helloworld-gateway")))).toEqual([
      "default/helloworld",
    ]);
    expect(routesFor(mesh, hostOf("default/helloworld"), productpage)).toEqual([]);
  });

  test("tcp-echo: 80/20 for each connection at port 31400", () => {
    const mesh = applied("tcp-echo-services", "tcp-echo-20-v2");
    const service = mesh.services.get("default/tcp-echo");
    // Its Gateway is in another file of the task: without it nothing listens, and only the destinations can tell.
    expect(service && routesOf(mesh, service)).toEqual([]);
    const rule = mesh.routes.objects[0]?.rules().tcp[0];
    expect(rule?.matches[0]?.port).toBe(31400);
    expect(rule?.destinations.map((d) => [d.host, d.subset, d.port, d.effectiveWeight])).toEqual([
      [hostOf("default/tcp-echo"), "v1", 9000, 80],
      [hostOf("default/tcp-echo"), "v2", 9000, 20],
    ]);
  });
});
