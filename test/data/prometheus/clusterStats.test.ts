import { expect, test } from "vitest";
import { clusterStats } from "../../../src/data/prometheus/clusterStats.ts";

const name = "outbound|80|v2|catalog.shop.svc.cluster.local";
const said = (clients: string, value: number, cluster = name) => ({
  labels: { cluster_name: cluster, clients },
  value,
});

test("what one query counts of a cluster is one row, and what it does not say is zero", () => {
  expect(
    clusterStats([
      said("watching", 12),
      said("ejecting", 3),
      said("mostEjected", 1),
      said("limiting", 4, "xds-grpc"),
    ]),
  ).toEqual([
    { name, watching: 12, ejecting: 3, mostEjected: 1, limiting: 0, open: 0 },
    { name: "xds-grpc", watching: 0, ejecting: 0, mostEjected: 0, limiting: 4, open: 0 },
  ]);
});

test("a count of a stranger's making is none, and a name is cleaned before anybody paints it", () => {
  expect(clusterStats([said("__proto__", 1), said("constructor", 1), said("open", Number.NaN)])).toEqual([]);
  expect(clusterStats([{ labels: { clients: "open" }, value: 1 }])).toEqual([]);
  const [row] = clusterStats([said("open", 2, "outbound|80||a\u001b[31m.shop.svc.cluster.local")]);
  expect(row?.name).not.toContain("\u001b");
});
