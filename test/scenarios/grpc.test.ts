import { describe, expect } from "vitest";
import type { GraphEdge } from "../../src/data/mesh/model/graph.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { describedService } from "../support/described.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

const catalog = "service:istioinaction/catalog";

const callsTo = ({ graph }: Mesh, service: string): readonly GraphEdge[] =>
  graph.edges.filter(({ to, mirrored }) => to === service && !mirrored);

describe("gRPC", () => {
  row(
    68,
    "gRPC is told apart edge by edge, and its errors count by gRPC status and stand by name: what finds no pod is 14 UNAVAILABLE, and HTTP says 200 to all of it",
    async () => {
      const mesh = await meshOfStory("coolstore", "grpc");
      const calls = callsTo(mesh, catalog);
      expect(calls.map(({ protocol }) => protocol)).toEqual(calls.map(() => "grpc"));
      const fromWebapp = calls.find(({ from }) => from === "workload:istioinaction/webapp")!;
      const { rate, errors, codes, flags } = fromWebapp.traffic.requests!;
      // Every error is a status of gRPC's: no HTTP code but 200 was seen.
      expect(Object.keys(codes!)).toEqual(["grpc 14"]);
      expect(errors).toBeCloseTo(codes!["grpc 14"]! / rate, 6);
      expect(flags!["UH"]).toBeCloseTo(codes!["grpc 14"]!, 6);
      // A tenth by weight, and the cohort internal, of 0.5 in 10 visits, by its own rule: 0.05 + 0.95 / 10 = 14.5 %.
      expect(Math.abs(errors! - 0.145)).toBeLessThan(0.03);
      // The rest of the mesh speaks as before, to each other and to the database behind catalog.
      expect(callsTo(mesh, "service:istioinaction/forum").map(({ protocol }) => protocol)).toEqual(["http"]);
      const toPostgres = callsTo(mesh, "service:istioinaction/postgres").map(({ protocol }) => protocol);
      expect(new Set(toPostgres)).toEqual(new Set(["tcp"]));
      const told = describedService(mesh, "istioinaction/catalog");
      expect(told).toMatch(/codes +grpc 14 UNAVAILABLE [\d.]+\/s/);
      expect(told).toMatch(/called by +istioinaction\/webapp +[\d.]+\/s grpc/);
    },
  );
});
