import { expect, test } from "vitest";
import type { Breaker, SeenByClients } from "../../../src/data/mesh/model/breaker.ts";
import { breakerTable, clientSentences } from "../../../src/ui/columns/breakers.ts";
import { outlierDetection } from "../../support/declaredOf.ts";
import { refOf } from "../../support/meshFixture.ts";

const breaker: Breaker = {
  service: "shop/catalog",
  subset: null,
  port: null,
  definedBy: refOf("DestinationRule", "shop", "catalog"),
  connectionPool: null,
  outlierDetection: outlierDetection(),
  hosts: 4,
  ejectable: null,
  state: { verdict: "unknown", overflow: null, noHealthyUpstream: null },
};

const seenAs = (
  ejections: readonly [number, number, number] | null,
  pools: readonly [number, number] | null,
) => {
  const seen: SeenByClients = {
    ejections: ejections && { seeing: ejections[0], clients: ejections[1], mostHosts: ejections[2] },
    pools: pools && { open: pools[0], clients: pools[1] },
  };
  return { ...breaker, seen };
};

const cellOf = (row: Breaker): string | undefined =>
  breakerTable.columns.find(({ id }) => id === "clients")?.cell(row);

test.each([
  [seenAs([3, 12, 2], null), ["3 of 12 clients see an ejection, of 2 of 4 hosts at most."], "3/12 eject"],
  [seenAs(null, [2, 12]), ["2 of 12 clients' pools are open."], "2/12 open"],
  [seenAs([1, 1, 1], [0, 1]), ["1 of 1 client sees an ejection, of 1 of 4 hosts at most."], "1/1 eject"],
  [seenAs([0, 12, 0], [0, 9]), ["0 of 12 clients see an ejection."], "0/12"],
  [breaker, [], "-"],
])("clients are counted in the row and told in sentences: %#", (row, sentences, cell) => {
  expect(clientSentences(row)).toEqual(sentences);
  expect(cellOf(row)).toBe(cell);
});
