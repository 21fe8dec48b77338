import { describe, expect } from "vitest";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { refusalsOf, refusedFor } from "../../src/data/mesh/refusals.ts";
import { policyRows, suspectWords } from "../../src/ui/columns/policies.ts";
import { failingPart } from "../../src/ui/graph/numbers.ts";
import { groupGraph } from "../../src/ui/graph/groupGraph.ts";
import { groupings } from "../../src/ui/graph/grouping.ts";
import { rulesOf, serviceOf } from "../support/builtMesh.ts";
import { describedWorkload, workloadOf } from "../support/described.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

const reviews = "bookinfo/reviews";

/** "productpage-v1 > reviews tcp full by source" for each edge to a service. */
const calls = ({ graph }: Mesh): readonly string[] =>
  graph.edges
    .filter(({ to }) => to.startsWith("service:"))
    .map(({ from, to, protocol, lock, traffic }) => {
      const reporter = (traffic.requests ?? traffic.connections)!.reporter;
      return `${from.split("/")[1]!} > ${to.split("/")[1]!} ${protocol} ${lock.state} by ${reporter}`;
    })
    .toSorted();

const findings = ({ findings }: Mesh): readonly string[] =>
  findings.map(({ code, object }) => `${code} ${object.kind} ${object.name}`);

describe("the ambient mesh", () => {
  row(
    60,
    "without a waypoint ztunnel sees connections alone: edges are TCP under a full lock, and a route that nobody applies has weights and no share",
    async () => {
      const mesh = await meshOfStory("bookinfo", "ambient");
      expect(calls(mesh)).toEqual([
        // The gateway counts its requests itself; how they travelled, the ztunnel behind it says.
        "istio-ingressgateway > productpage http full by source",
        "productpage-v1 > details tcp full by source",
        "productpage-v1 > reviews tcp full by source",
        "reviews-v2 > ratings tcp full by source",
        "reviews-v3 > ratings tcp full by source",
      ]);
      const [rule] = rulesOf(mesh, reviews);
      expect(rule!.destinations.map(({ weight, share, observed }) => [weight, share, observed])).toEqual([
        [90, null, null],
        [10, null, null],
      ]);
      expect(rule!.note).toMatch(/^Nobody applies this: bookinfo\/reviews is in the ambient mesh/);
      // Six pages a second, each a connection that goes to any of three versions.
      const { detail, traffic } = serviceOf(mesh, reviews);
      expect(traffic.requests).toBeNull();
      expect(Math.abs(traffic.connections!.opened - 6)).toBeLessThan(0.8);
      for (const { share } of detail.versions) expect(Math.abs(share!.share - 1 / 3)).toBeLessThan(0.06);
      expect(findings(mesh)).toEqual(["MT0118 VirtualService reviews", "MT0310 DestinationRule reviews"]);
    },
  );

  row(
    61,
    "with a waypoint requests are counted there and nowhere twice, its routes hold, and it stands in no edge itself",
    async () => {
      const mesh = await meshOfStory("bookinfo", "ambient-waypoint");
      expect(calls(mesh)).toEqual([
        "istio-ingressgateway > productpage http full by source",
        "productpage-v1 > details http full by waypoint",
        "productpage-v1 > reviews http full by waypoint",
        "reviews-v2 > ratings http full by waypoint",
      ]);
      const { traffic } = serviceOf(mesh, reviews);
      expect(Math.abs(traffic.requests!.rate - 6)).toBeLessThan(0.8);
      expect(traffic.connections).toBeNull();
      const [rule] = rulesOf(mesh, reviews);
      const [v1, v2] = rule!.destinations.map(({ observed }) => observed!);
      // Five deviations of 360 requests: outside its own interval of 95 % the weight is once in twenty runs.
      expect(Math.abs(v1!.share - 0.9)).toBeLessThan(0.08);
      expect(v1!.low).toBeLessThan(v1!.share);
      expect(v1!.high).toBeGreaterThan(v1!.share);
      expect(v1!.requests).toBe(v2!.requests);
      expect(findings(mesh)).toEqual([]);
    },
  );

  row(
    61,
    "a waypoint for addresses of pods takes nothing that is sent to Services: connections go past it, and nobody applies the route",
    async () => {
      const mesh = await meshOfStory("bookinfo", "ambient-workload-waypoint");
      expect(calls(mesh)).toContain("productpage-v1 > reviews tcp full by source");
      expect(serviceOf(mesh, reviews).waypoint).toMatchObject({ gateway: "bookinfo/waypoint", takes: "no" });
      const [rule] = rulesOf(mesh, reviews);
      expect(rule!.destinations.map(({ share }) => share)).toEqual([null, null]);
      expect(rule!.note).toMatch(/waypoint bookinfo\/waypoint is for addresses of pods/);
      // The namespace may have meant its pods: it is the route that lacks something.
      expect(findings(mesh)).toEqual(["MT0118 VirtualService reviews", "MT0310 DestinationRule reviews"]);
    },
  );

  row(
    61,
    "with istio.io/ingress-use-waypoint what the ingress gateway sends is counted at the waypoint too, once",
    async () => {
      const mesh = await meshOfStory("bookinfo", "ambient-ingress-waypoint");
      expect(calls(mesh)).toContain("istio-ingressgateway > productpage http full by waypoint");
      const { waypoint, traffic } = serviceOf(mesh, "bookinfo/productpage");
      expect(waypoint).toMatchObject({ takes: "yes", ingress: true });
      expect(Math.abs(traffic.requests!.rate - 6)).toBeLessThan(0.8);
      expect(findings(mesh)).toEqual([]);
    },
  );

  row(
    46,
    "what a waypoint refuses is its own row of :policies, with the policy that is attached to the service, and no workload's",
    async () => {
      const mesh = await meshOfStory("bookinfo", "ambient-waypoint-policy");
      const waypoint = workloadOf(mesh, "bookinfo/waypoint");
      const { forbidden, suspects } = refusalsOf(waypoint);
      expect(forbidden).toBeGreaterThan(0.5);
      expect(suspectWords(suspects)).toBe("only DENY no-jason");
      expect(refusedFor(waypoint).map(({ service }) => service)).toEqual([reviews]);
      expect(refusalsOf(workloadOf(mesh, "bookinfo/reviews-v1")).forbidden).toBe(0);
      const rows = policyRows(mesh, { namespace: "bookinfo" }).map(({ name }) => name);
      expect(rows).toEqual(["bookinfo", "waypoint"]);
      expect(describedWorkload(mesh, "bookinfo/waypoint")).toMatch(/services +bookinfo\/[a-z]+ +[\d.]+\/s\n/);
      expect(describedWorkload(mesh, "bookinfo/waypoint")).toMatch(
        /403 for +bookinfo\/reviews [\d.]+\/s, only DENY no-jason/,
      );
    },
  );

  row(
    65,
    "a policy of layer 7 without a waypoint lets nobody in: ztunnel cuts every connection off, says so by DENY, and the policy is named",
    async () => {
      const mesh = await meshOfStory("bookinfo", "ambient-layer7-policy");
      const { connections } = serviceOf(mesh, reviews).traffic;
      expect(connections!.flags!["DENY"]! / connections!.opened).toBeCloseTo(1, 1);
      expect([connections!.received, connections!.sent]).toEqual([0, 0]);
      // On the graph the box and its edge are red, though connections have no answers.
      const { boxes } = groupGraph(mesh.graph, mesh, { grouping: "service", namespace: null });
      const box = boxes.find(({ title }) => title === "reviews")!;
      expect(failingPart(box.traffic)).toBeCloseTo(1, 1);
      expect(failingPart(serviceOf(mesh, "bookinfo/details").traffic)).toBeNull();
      // A ztunnel's DENY is a policy's: no program is suspected.
      expect(describedWorkload(mesh, "bookinfo/reviews-v1")).toMatch(
        /may be +not allowed by reviews-viewer: ztunnel's log names the policy/,
      );
      expect(findings(mesh)).toEqual(["MT0705 AuthorizationPolicy reviews-viewer"]);
      expect(suspectWords(refusalsOf(workloadOf(mesh, "bookinfo/reviews-v1")).suspects)).toBe(
        "not allowed by reviews-viewer",
      );
    },
  );

  row(
    61,
    "workloads say what takes them in: the pods ambient, the Gateway's Deployment waypoint, and ztunnel on every node none",
    async () => {
      const mesh = await meshOfStory("bookinfo", "ambient-waypoint");
      const proxies = ["bookinfo/reviews-v1", "bookinfo/waypoint", "istio-system/ztunnel"].map((key) => {
        const { kind, proxy, ready, pods } = workloadOf(mesh, key);
        return [kind, proxy, ready, pods];
      });
      expect(proxies).toEqual([
        ["Deployment", "ambient", 1, 1],
        ["Deployment", "waypoint", 1, 1],
        ["DaemonSet", "none", 3, 3],
      ]);
      expect(mesh.namespaces.find(({ name }) => name === "bookinfo")).toMatchObject({
        ambient: true,
        revision: null,
      });
      const boxes = groupings.map(
        (grouping) =>
          groupGraph(mesh.graph, mesh, { grouping, namespace: null }).boxes.filter(({ title }) =>
            title.includes("waypoint"),
          ).length,
      );
      expect(boxes).toEqual([0, 0, 0, 0]);
    },
  );
});
