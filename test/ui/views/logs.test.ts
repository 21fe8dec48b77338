import { describe, expect, test } from "vitest";
import { parseAccessLine } from "../../../src/data/mesh/proxyLog/accessEntry.ts";
import type { LogLine } from "../../../src/data/mesh/proxyLog/logTail.ts";
import type { PodTail, TailNews, TailWish } from "../../../src/data/mesh/proxyLog/tailWish.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { createProgram } from "../../../src/ui/program.ts";
import { fakeSteering } from "../../support/fakeSteering.ts";
import { dashboardOf, type Dashboard } from "../../support/dashboard.ts";
import { coolstore } from "../../support/meshFixture.ts";

interface Tailed {
  readonly wish: TailWish;
  readonly tell: (news: Partial<TailNews>) => void;
  isStopped: boolean;
}

const size = { columns: 120, rows: 30 };
const pod: PodTail = { pod: "catalog-1", is: "following", why: null };

function watched(mesh: Mesh = coolstore()): { readonly shown: Dashboard; readonly tails: Tailed[] } {
  const tails: Tailed[] = [];
  const shown = dashboardOf(size, {
    mesh,
    tail: (wish, onNews) => {
      const one: Tailed = {
        wish,
        tell: (news) => onNews({ lines: [], lost: 0, pods: [pod], others: 0, problem: null, ...news }),
        isStopped: false,
      };
      tails.push(one);
      return () => {
        one.isStopped = true;
      };
    },
  });
  return { shown, tails };
}

function line(
  id: number,
  change: { readonly code?: number; readonly flags?: string; readonly path?: string } = {},
): LogLine {
  const { code = 200, flags = "-", path = `/items/${id}` } = change;
  const text = `[2026-11-21T18:00:00.${String(id).padStart(3, "0")}Z] "GET ${path} HTTP/1.1" ${code} ${flags} via_upstream - "-" 0 19 34 - "-" "curl/8" "id-${id}" "catalog:80" "10.0.0.1:80" outbound|80|version-v2|catalog.istioinaction.svc.cluster.local - 10.96.1.2:80 10.244.0.7:51000 - default`;
  return { id, pod: "catalog-1", text, entry: parseAccessLine(text) };
}

const lines = (from: number, to: number): readonly LogLine[] =>
  Array.from({ length: to - from + 1 }, (_, at) => line(from + at));

const isOff = (mesh: Mesh): Mesh => ({
  ...mesh,
  workloads: mesh.workloads.map((one) => ({
    ...one,
    accessLog: { is: "off", providers: [], from: "default" },
  })),
});

describe("the access log of what is under the cursor", () => {
  test("is asked for by the selectors of the service's workloads, with l as in k9s or a", () => {
    for (const key of ["l", "a"]) {
      const { shown, tails } = watched();
      shown.press(":services /^catalog", "enter", key);
      expect(tails).toHaveLength(1);
      expect(tails[0]?.wish).toMatchObject({
        namespace: "istioinaction",
        name: "catalog",
        backlog: 200,
        follows: true,
      });
      expect(tails[0]?.wish.selectors?.length).toBeGreaterThan(0);
    }
  });

  test("shows time, code, flags, path, upstream with its subset and duration, the newest last", () => {
    const { shown, tails } = watched();
    shown.press(":logs istioinaction/catalog", "enter");
    tails[0]?.tell({ lines: [line(1), line(2, { code: 503, flags: "UH" })] });
    expect(shown.screen()).toMatch(/logs istioinaction\/catalog 2 .* following/);
    expect(shown.screen()).toMatch(/18:00:00\.002 +503 +UH +34 ms +GET +\/items\/2 +version-v2 catalog/);
    expect(shown.screen()).toContain("UH (no healthy host), via_upstream");
  });

  test("of a line that is no access log is the line itself, cleaned by whoever read it", () => {
    const { shown, tails } = watched();
    shown.press(":logs catalog", "enter");
    tails[0]?.tell({ lines: [{ id: 1, pod: "catalog-1", text: "info Envoy proxy is ready", entry: null }] });
    expect(shown.screen()).toContain("  info Envoy proxy is ready");
  });

  test("follows the end until somebody goes up; then it stands still, says how much came, and s or G follows again", () => {
    const { shown, tails } = watched();
    shown.press(":logs catalog", "enter");
    tails[0]?.tell({ lines: lines(1, 50) });
    expect(shown.screen()).toContain("/items/50");
    shown.press("k");
    const before = shown
      .screen()
      .split("\n")
      .filter((row) => row.includes("/items/"));
    tails[0]?.tell({ lines: lines(51, 80) });
    expect(shown.screen()).toContain("frozen, 30 newer");
    expect(
      shown
        .screen()
        .split("\n")
        .filter((row) => row.includes("/items/")),
    ).toEqual(before);
    shown.press("s");
    expect(shown.screen()).toContain("/items/80");
    expect(shown.screen()).toContain("following");
    shown.press("pgup");
    expect(shown.screen()).toContain("frozen, 0 newer");
    shown.press("G");
    expect(shown.screen()).toContain("following");
  });

  test("is filtered by expression while it follows, and a wrong one is said", () => {
    const { shown, tails } = watched();
    shown.press(":logs catalog", "enter");
    tails[0]?.tell({ lines: [...lines(1, 30), line(31, { code: 503, flags: "UH" })] });
    shown.press("/", "status>=500 flag=UH", "enter");
    expect(shown.screen()).toMatch(/logs istioinaction\/catalog 1 of 31 \/status>=500 flag=UH/);
    tails[0]?.tell({
      lines: [line(32), line(33, { code: 504, flags: "UT" }), line(34, { code: 503, flags: "UH,URX" })],
    });
    expect(shown.screen()).toContain("2 of 34");
    shown.press("/", "ctrl-u", "statu>=500");
    expect(shown.screen()).toContain('"statu" is no field; fields are status, flag,');
    shown.press("enter");
    expect(shown.screen()).toContain('Not a filter: "statu" is no field');
  });

  test("says how many lines it let go", () => {
    const { shown, tails } = watched();
    shown.press(":logs catalog", "enter");
    tails[0]?.tell({ lines: lines(1, 3), lost: 1200 });
    expect(shown.screen()).toContain("1200 older dropped, following");
  });

  test("says which pods cannot be read, and how many are left out", () => {
    const { shown, tails } = watched();
    shown.press(":logs catalog", "enter");
    tails[0]?.tell({
      others: 7,
      pods: [{ ...pod, is: "waiting", why: "You may not read logs in istioinaction." }],
    });
    expect(shown.screen()).toContain("You may not read logs in istioinaction.");
    expect(shown.screen()).toContain(
      "1 of 8 pods are followed, the newest; :logs NAMESPACE/POD takes another.",
    );
  });

  test("says where it is off, and how to switch it on", () => {
    const { shown, tails } = watched(isOff(coolstore()));
    shown.press(":logs catalog", "enter");
    tails[0]?.tell({});
    const said = shown.screen().replace(/\s+/g, " ");
    expect(said).toContain("The access log is off (nothing switches it on): requests are not written down.");
    expect(said).toContain(
      "a Telemetry in istioinaction with spec.accessLogging: [{providers: [{name: envoy}]}]",
    );
  });

  test("of a pod that nobody knows is asked for by its name", () => {
    const { shown, tails } = watched();
    shown.press(":logs shop/web-7d9f-x2", "enter");
    expect(tails[0]?.wish).toMatchObject({ namespace: "shop", name: "web-7d9f-x2", selectors: null });
  });

  test("of a host outside is refused with a sentence", () => {
    const { shown, tails } = watched();
    shown.press(":logs nobody", "enter");
    expect(shown.screen()).toContain(
      "There is no workload and no service nobody here; a pod is written NAMESPACE/POD.",
    );
    expect(tails).toHaveLength(0);
  });

  test("ends when its page is left, whichever way, and what still comes is nobody's; the help over it does not end it", () => {
    for (const way of [["esc"], ["tab"], [":graph", "enter"], ["-"]]) {
      const { shown, tails } = watched();
      shown.press(":logs catalog", "enter");
      shown.press("?");
      expect(tails[0]?.isStopped).toBe(false);
      shown.press("?", ...way);
      expect(tails.map(({ isStopped }) => isStopped)).toEqual([true]);
      tails[0]?.tell({ lines: lines(1, 3) });
      expect(shown.program.state().logs).toBeNull();
    }
  });

  test("that was asked for before there was a connection begins with it", () => {
    const { shown } = watched();
    const wishes: TailWish[] = [];
    const offline = { ...shown.props, tail: null, steering: null };
    const early = createProgram(offline, size);
    early.connect(offline);
    early.dispatch({ is: "go", view: "logs", subject: { is: "object", key: "shop/web-1", ref: null } });
    expect(early.state().logs?.problem).toBe("There is no connection to a cluster.");
    early.connect({
      ...offline,
      steering: fakeSteering().steering,
      tail: (wish) => {
        wishes.push(wish);
        return () => undefined;
      },
    });
    expect(wishes.map(({ name }) => name)).toEqual(["web-1"]);
    expect(early.state().logs?.problem).toBeNull();
  });

  test("has its own words after / in the help", () => {
    const { shown } = watched();
    shown.press(":logs catalog", "enter", "?", "G");
    const said = shown.screen().replace(/\s+/g, " ");
    expect(said).toContain("status>=500 flag=UH lines of which all of this holds");
    expect(said).toContain("flag, method, path, host, upstream, subset");
    expect(said).not.toContain("-l app=web");
  });

  test("begins anew when its page is gone back to", () => {
    const { shown, tails } = watched();
    shown.press(":logs catalog", "enter");
    tails[0]?.tell({ lines: lines(1, 3) });
    shown.press("-", "-");
    expect(tails.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    expect(shown.screen()).not.toContain("/items/1");
    tails[1]?.tell({ lines: lines(1, 3) });
    expect(shown.screen()).toContain("/items/3");
  });
});

test("a key is answered at once while 5,000 lines a second come in", () => {
  const { shown, tails } = watched();
  shown.press(":logs catalog", "enter", "/", "status>=500", "enter");
  let id = 0;
  const took: number[] = [];
  // Ten seconds of it, in the pieces that they come in.
  for (let piece = 0; piece < 33; piece += 1) {
    tails[0]?.tell({
      lines: Array.from({ length: 1500 }, () => line((id += 1), id % 50 === 0 ? { code: 503 } : {})),
    });
    const begin = performance.now();
    shown.press("k");
    shown.screen();
    took.push(performance.now() - begin);
  }
  const { tail } = shown.program.state().logs!;
  expect(tail.dropped + tail.lines.length).toBe(id);
  // Far below what a hand notices, on a machine that has something else to do as well.
  expect(took.toSorted((a, b) => a - b)[16]).toBeLessThan(100);
});
