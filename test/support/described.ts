import { expect } from "vitest";
import type { Canary } from "../../src/data/mesh/model/canary.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Workload } from "../../src/data/mesh/model/workload.ts";
import { glyphsFor } from "../../src/ui/paint/glyphs.ts";
import type { Line } from "../../src/ui/paint/span.ts";
import { describeCanary } from "../../src/ui/views/describe/describeCanary.ts";
import { describeNamespace } from "../../src/ui/views/describe/describeOthers.ts";
import { describeService } from "../../src/ui/views/describe/describeService.ts";
import { describeWorkload } from "../../src/ui/views/describe/describeWorkload.ts";
import { serviceOf } from "./builtMesh.ts";

const textOf = (lines: readonly Line[]): string =>
  lines.map((line) => line.map(({ text }) => text).join("")).join("\n");

/** What `d` shows of a service. */
export const describedService = (mesh: Mesh, key: string): string =>
  textOf(describeService(serviceOf(mesh, key), mesh, 120));

/** What `d` shows of a workload. */
export const describedWorkload = (mesh: Mesh, key: string): string =>
  textOf(describeWorkload(workloadOf(mesh, key), mesh, 120));

/** What `d` shows of a namespace; "mesh": of the mesh. */
export const describedNamespace = (mesh: Mesh, name: string): string =>
  textOf(describeNamespace(name, mesh, 120));

/** What `d` shows of a canary. */
export const describedCanary = (mesh: Mesh, canary: Canary): string =>
  textOf(describeCanary(canary, mesh, { columns: 120, glyphs: glyphsFor({ unicode: true }) }));

export function workloadOf(mesh: Mesh, key: string): Workload {
  const found = mesh.workloads.find((one) => one.key === key);
  expect(found, key).toBeDefined();
  return found!;
}
