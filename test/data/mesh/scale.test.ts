import { expect, test } from "vitest";
import { share } from "../../../src/data/mesh/share.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { perSecond } from "../../../src/data/mesh/units.ts";
import { bigMesh } from "../../support/bigMesh.ts";
import { meshOf } from "../../support/builtMesh.ts";

const { declared, telemetry } = bigMesh({ services: 1000, workloads: 2500, pairs: 5000 });

test("a thousand services come out whole", () => {
  const mesh = meshOf(declared, telemetry);
  expect(mesh.services).toHaveLength(1000);
  expect(mesh.workloads).toHaveLength(2500);
  expect(mesh.breakers).toHaveLength(1000 + 2500);
  const arriving = mesh.graph.edges.filter(({ to }) => to.startsWith("service:"));
  const answering = mesh.graph.edges.filter(({ to }) => to.startsWith("workload:"));
  expect(answering).toHaveLength(2500);
  const total = (edges: typeof arriving) =>
    edges.reduce((sum, { traffic }) => sum + (traffic.requests?.rate ?? 0), 0);
  // Every pair was reported twice, and counts once: into its service, and out to its workload.
  const sent = telemetry.requests
    .filter(({ reporter }) => reporter === "source")
    .reduce((sum, { rate }) => sum + rate, 0);
  expect(total(arriving)).toBeCloseTo(sent, 6);
  expect(total(answering)).toBeCloseTo(sent, 6);
  expect(mesh.services.reduce((sum, { traffic }) => sum + (traffic.requests?.rate ?? 0), 0)).toBeCloseTo(
    sent,
    6,
  );
});

test("lists are sorted by key and hold each key once", () => {
  const { services, workloads, graph, namespaces } = meshOf(declared, telemetry);
  for (const keys of [
    services.map(({ key }) => key),
    workloads.map(({ key }) => key),
    graph.nodes.map(({ id }) => id),
    namespaces.map(({ name }) => name),
  ]) {
    expect(keys).toEqual([...new Set(keys)].sort());
  }
});

test("the same inputs build the same mesh, and sharing it changes nothing", () => {
  const previous = meshOf(declared, telemetry);
  const next = meshOf({ ...declared }, structuredClone(telemetry));
  expect(next).toEqual(previous);
  expect(share(previous, next)).toBe(previous);
});

test("when one caller's rate changes, only what it touches is new", () => {
  const previous = meshOf(declared, telemetry);
  const [first] = telemetry.requests;
  const requests = telemetry.requests.map((row) =>
    row === first ? { ...row, rate: perSecond(row.rate + 1) } : row,
  );
  const next = share<Mesh>(previous, meshOf(declared, { ...telemetry, requests }));
  const renewed = (key: "services" | "workloads") =>
    next[key].filter((one, at) => one !== previous[key][at]).map((one) => one.key);
  expect(renewed("services")).toEqual([`${first!.serviceNamespace}/${first!.serviceName}`]);
  expect(new Set(renewed("workloads"))).toEqual(
    new Set([
      `${first!.sourceNamespace}/${first!.sourceWorkload}`,
      `${first!.destinationNamespace}/${first!.destinationWorkload}`,
    ]),
  );
  expect(next.graph.edges.filter((edge, at) => edge !== previous.graph.edges[at])).toHaveLength(2);
  expect(next.graph.nodes).toBe(previous.graph.nodes);
  expect(next.egress).toBe(previous.egress);
});
