import { describe, expect, test } from "vitest";
import type { UiEvent } from "../../../src/ui/state/event.ts";
import { currentPage, lineOf, type UiState } from "../../../src/ui/state/uiState.ts";
import { update } from "../../../src/ui/state/update.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { dashboardOf, type Dashboard } from "../../support/dashboard.ts";
import { fakeSteering } from "../../support/fakeSteering.ts";
import { coolstore, httpOf, refOf, serviceOf } from "../../support/meshFixture.ts";

const size = { columns: 120, rows: 24 };
const open = (): Dashboard => dashboardOf(size);
const title = (app: Dashboard): string => app.screen().split("\n")[2] ?? "";
const cursor = (app: Dashboard): string =>
  app
    .screen()
    .split("\n")
    .find((line) => line.startsWith("▸"))
    ?.slice(2)
    .split(/\s/)[0] ?? "";

/** The events of a reducer's table, one after the other, as pure calls. */
function after(app: Dashboard, ...events: readonly UiEvent[]): UiState {
  return events.reduce(
    (state, event) => update(state, event, app.program.contextOf(state))[0],
    app.program.state(),
  );
}

describe("the cursor", () => {
  test.each([
    ["j j", "inventory"],
    ["down", "webapp"],
    ["j k", "catalog"],
    ["G", "istio-ingressgateway"],
    ["G g", "catalog"],
    ["end home", "catalog"],
    ["k", "catalog"],
  ])("%s leads to %s", (keys, name) => {
    const app = open();
    app.press(...keys.split(" "));
    expect(cursor(app)).toBe(name);
  });

  test("stays where it was when its row is gone", () => {
    const app = open();
    app.press("j", "j");
    app.show(coolstore({ services: coolstore().services.filter(({ name }) => name !== "inventory") }));
    expect(cursor(app)).toBe("legacy-db");
  });

  test("moves the window only as far as it must", () => {
    const services = Array.from({ length: 100 }, (_, n) =>
      serviceOf(`s${String(n).padStart(3, "0")}`, { traffic: httpOf(100 - n, 0, 10) }),
    );
    const app = dashboardOf(size, { mesh: coolstore({ services }) });
    app.press("j".repeat(17));
    expect(cursor(app)).toBe("s017");
    expect(app.screen()).toContain("s000");
    app.press("j");
    expect(app.screen()).not.toContain("s000");
    app.press("ctrl-f");
    expect(cursor(app)).toBe("s035");
    app.press("ctrl-b", "ctrl-b", "ctrl-b");
    expect(cursor(app)).toBe("s000");
  });
});

describe("pages", () => {
  test("enter opens, esc goes back to the row it came from", () => {
    const app = open();
    app.press("j", "enter");
    expect(title(app)).toContain("traffic istioinaction/webapp");
    app.press("esc");
    expect(title(app)).toContain("services");
    expect(cursor(app)).toBe("webapp");
  });

  test("esc clears the filter first, and the cursor stays on its row", () => {
    const app = open();
    app.press("/forum", "enter");
    expect(title(app)).toContain("1 of 8 /forum");
    app.press("esc");
    expect(title(app)).not.toContain("/forum");
    expect(cursor(app)).toBe("forum");
  });

  test("q goes back, and leaves the program from the first page", () => {
    const app = open();
    app.press("enter", "q");
    expect(title(app)).toContain("services");
    expect(app.calls).not.toContain("exit");
    app.press("q");
    expect(app.calls).toContain("exit");
  });

  test("tab goes round through the views, and minus between the last two", () => {
    const app = open();
    const seen = Array.from({ length: 12 }, () => {
      app.press("tab");
      return currentPage(app.program.state()).view;
    });
    expect(seen).toEqual([
      "graph",
      "canaries",
      "mtls",
      "policies",
      "breakers",
      "proxies",
      "egress",
      "checks",
      "journal",
      "notes",
      "sources",
      "services",
    ]);
    app.press(":mtls", "enter", "-");
    expect(title(app)).toContain("services");
    app.press("-");
    expect(title(app)).toContain("mtls");
  });

  test("the help closes with its own key", () => {
    const app = open();
    app.press("?");
    expect(title(app)).toContain("help services");
    app.press("?");
    expect(title(app)).toContain("services 8");
  });

  test("a service that was deleted while its page is open says so", () => {
    const app = open();
    app.press("enter");
    app.show(coolstore({ services: [] }));
    expect(app.screen()).toContain("Service istioinaction/catalog is not in this mesh");
  });
});

describe("the command line", () => {
  test.each([
    [":breakers", "breakers 2"],
    [":cb", "breakers 2"],
    [":traffic webapp", "traffic istioinaction/webapp"],
    [":traffic istioinaction/forum", "traffic istioinaction/forum"],
    [":services /web", "services 1 of 8 /web"],
    [":services app=forum", "services 1 of 8 /app=forum"],
    [":services istio-system", "services 1"],
  ])("%s shows %s", (line, shown) => {
    const app = open();
    app.press(line, "enter");
    expect(title(app)).toContain(shown);
  });

  test.each([
    [":nonsense", "There is no command nonsense; ? lists them."],
    [":traffic nowhere", "There is no service nowhere here."],
    [":ns nowhere", "There is no namespace nowhere here, or it may not be read."],
    [":services nowhere", "There is no namespace nowhere; :services /nowhere filters by it."],
    [":quit now", ":quit takes nothing after it."],
  ])("%s says %s", (line, sentence) => {
    const app = open();
    app.press(line, "enter");
    expect(app.screen()).toContain(sentence);
  });

  test("goes to the service under the cursor where none is named", () => {
    const app = open();
    app.press("j", "j", ":traffic", "enter");
    expect(title(app)).toContain("traffic istioinaction/inventory");
  });

  test("tab takes the completion of a name and of what follows it", () => {
    const app = open();
    app.press(":tra", "tab", "foru", "tab", "enter");
    expect(title(app)).toContain("traffic istioinaction/forum");
  });

  test("up and down go through the lines before, each once", () => {
    const app = open();
    app.press(":mtls", "enter", ":egress", "enter", ":mtls", "enter", ":", "up", "up");
    expect(app.screen()).toContain(" :egress");
    app.press("down");
    expect(app.screen()).toContain(" :mtls");
    app.press("down");
    expect(lineOf(app.program.state())?.text).toBe("");
  });

  test("is edited by character, word and line, and left by erasing nothing", () => {
    const app = open();
    app.press(":ns istio", "backspace");
    expect(lineOf(app.program.state())?.text).toBe("ns isti");
    app.press("ctrl-w");
    expect(lineOf(app.program.state())?.text).toBe("ns ");
    app.press("ctrl-u");
    expect(lineOf(app.program.state())?.text).toBe("");
    app.press("backspace");
    expect(app.program.state().dialog).toBeNull();
  });

  test("q leaves by :q, and ctrl-c leaves from within a line", () => {
    for (const keys of [
      [":q", "enter"],
      [":mt", "ctrl-c"],
    ]) {
      const app = open();
      app.press(...keys);
      expect(app.calls).toContain("exit");
    }
  });
});

describe("namespaces", () => {
  test("have digits: those of the mesh first; 0 is all", () => {
    const app = open();
    app.press("2");
    expect(title(app)).toContain("services 1 ");
    expect(app.screen()).toContain("prod-eu  istio-system");
    app.press("1");
    expect(title(app)).toContain("services 7");
    app.press("0");
    expect(title(app)).toContain("services 8");
  });

  test("narrow the graph to one and its neighbours", () => {
    const app = dashboardOf({ columns: 160, rows: 40 });
    app.press(":graph", "enter", "2");
    expect(app.screen()).toContain("webapp");
    expect(app.screen()).not.toContain("forum");
  });
});

describe("sorting", () => {
  test("by a letter, then the other way, then the worst first again", () => {
    const app = open();
    app.press("N");
    expect(cursor(app)).toBe("catalog");
    expect(app.screen()).toContain("SERVICE↓");
    app.press("G");
    expect(cursor(app)).toBe("webapp");
    app.press("N", "g");
    expect(app.screen()).toContain("SERVICE↑");
    expect(cursor(app)).toBe("webapp");
    app.press("N", "g");
    expect(title(app)).toContain("worst first");
    expect(cursor(app)).toBe("catalog");
  });
});

describe("texts", () => {
  test("describe follows the cursor, and y asks the server for the object", async () => {
    const app = dashboardOf(size, {
      object: ok({ kind: "Service", metadata: { managedFields: [1], name: "x\u001b[31m" } }),
    });
    app.press("d");
    expect(app.screen()).toContain("describe Service istioinaction/catalog");
    app.press("y");
    expect(app.calls).toContain("read Service istioinaction/catalog");
    expect(app.screen()).toContain("Reading Service istioinaction/catalog.");
    await Promise.resolve();
    expect(app.screen()).toContain("kind: Service");
    expect(app.screen()).not.toContain("managedFields");
    expect(app.screen()).not.toContain("\u001b");
  });

  test("an object that cannot be read says why and asks again on ctrl-r", async () => {
    const error = { kind: "forbidden" as const, message: "User oncall may not get services.", advice: null };
    const app = dashboardOf(size, { object: fail(error) });
    app.press("y");
    await Promise.resolve();
    expect(app.screen()).toContain("User oncall may not get services. ctrl-r asks again.");
    app.press("ctrl-r");
    expect(app.calls.filter((call) => call.startsWith("read"))).toHaveLength(2);
    expect(app.calls).toContain("refresh");
  });

  test("what only telemetry knows has no YAML", () => {
    const services = [serviceOf("ghost", { ref: null })];
    const app = dashboardOf(size, { mesh: coolstore({ services }) });
    app.press("y");
    expect(app.screen()).toContain("istioinaction/ghost is known from telemetry only");
  });

  test("are searched: counts in the title, n and N between the matches", () => {
    const app = dashboardOf({ columns: 100, rows: 12 });
    app.press("d", "/istioinaction", "enter");
    expect(title(app)).toMatch(/\/istioinaction/);
    const top = (): number => currentPage(app.program.state()).top;
    expect(top()).toBe(0);
    app.press("n");
    const second = top();
    expect(second).toBeGreaterThan(0);
    app.press("n", "N");
    expect(top()).toBe(second);
  });
});

describe("the reducer", () => {
  test("keeps the state's identity where nothing follows from an event", () => {
    const app = open();
    const state = app.program.state();
    expect(after(app, { is: "step", direction: "up" })).toBe(state);
    expect(after(app, { is: "flashExpired", id: 9 })).toBe(state);
    expect(after(app, { is: "type", text: "x" })).toBe(state);
  });

  test("keeps an object that was read for when its page opens again", () => {
    const app = open();
    const ref = refOf("Service", "istioinaction", "catalog");
    const state = after(
      app,
      { is: "objectRead", ref, result: ok({ kind: "Service" }) },
      { is: "show", view: "yaml" },
    );
    expect(Object.values(state.objects)).toEqual([{ is: "read", result: ok({ kind: "Service" }) }]);
  });

  test("only the newest flash expires what is on the line", () => {
    const app = open();
    const state = after(
      app,
      { is: "flash", text: "one", tone: "warn" },
      { is: "flash", text: "two", tone: "warn" },
      { is: "flashExpired", id: 1 },
    );
    expect(state.flash?.text).toBe("two");
  });
});

describe("the graph", () => {
  const graph = (): Dashboard => {
    const app = dashboardOf({ columns: 140, rows: 40 });
    app.press(":graph", "enter");
    return app;
  };

  test("l goes to who is called, enter opens its traffic, esc comes back to it", () => {
    const app = graph();
    app.press("l", "l", "enter");
    expect(title(app)).toContain("traffic istioinaction/catalog");
    app.press("esc", "d");
    expect(title(app)).toContain("describe Service istioinaction/catalog");
  });

  test("e goes through the labels, f to the surroundings and back", () => {
    const app = graph();
    app.press("e");
    expect(title(app)).toContain("edges: errors");
    app.press("l", "l", "l", "f");
    expect(app.screen()).toContain("showing the surroundings of");
    app.press("f");
    expect(app.screen()).not.toContain("showing the surroundings of");
  });

  test("v goes through the groupings and round", () => {
    const app = graph();
    const seen = ["v", "v", "v"].map((key) => {
      app.press(key);
      return /── ([a-z ]+), edges/.exec(title(app))?.[1];
    });
    expect(seen).toEqual(["versioned apps", "apps", "workloads"]);
    app.press("v");
    expect(title(app)).toMatch(/─ edges: rate/);
  });

  test("] goes to an edge, whose ends are left and right of it, and enter opens the callee", () => {
    const app = graph();
    app.press("]", "]");
    expect(app.screen()).toMatch(/webapp to catalog +http/);
    expect(app.screen()).toContain("hosts    catalog.istioinaction.svc.cluster.local");
    app.press("enter");
    expect(title(app)).toContain("traffic istioinaction/catalog");
  });

  test("H types :hide, what it hides is gone until :hide alone, and what is no expression is told", () => {
    const app = graph();
    app.press("H", "name = forum", "enter");
    expect(title(app)).toContain("hidden by name = forum");
    expect(app.screen()).not.toContain("┌ forum");
    app.press(":hide rate >", "enter");
    expect(app.screen()).toContain('Not an expression: after "rate >" a value is missing.');
    app.press(":hide rate >= 0", "enter");
    expect(app.screen()).toContain("Everything here is hidden by rate >= 0.");
    app.press(":hide", "enter");
    expect(app.screen()).toContain("┌ forum");
    expect(title(app)).not.toContain("hidden");
  });

  test("/ with an expression goes to what it finds, and says what is wrong with it", () => {
    const app = graph();
    app.press("/from = forum", "enter");
    expect(app.screen()).toMatch(/forum to jsonplaceholder.typicode.com +http/);
    app.press("esc", "/error > many", "enter");
    expect(title(app)).toContain('not an expression: error takes a number such as 5 %, not "many"');
  });

  test("B gives namespaces rows of their own, i takes the details away, I shows who is idle", () => {
    const app = graph();
    app.press("B");
    expect(app.screen()).toMatch(/── istio-system ─/);
    expect(app.screen()).toMatch(/── outside of the mesh ─/);
    app.press("B", "i");
    expect(app.screen()).not.toContain("answers  ");
    app.press("I");
    expect(title(app)).toContain("with idle");
  });

  test("a search goes to the node, n to the next one", () => {
    const app = graph();
    app.press("/forum", "enter", "enter");
    expect(title(app)).toContain("traffic istioinaction/forum");
  });
});

describe("the state of proxies", () => {
  const live = coolstore();
  const waiting = {
    ...live,
    sources: { ...live.sources, kubernetes: { is: "waiting" } as const },
  };
  const reads = ({ calls }: Dashboard): number => calls.filter((call) => call === "readProxies").length;

  test("asked for before the cluster has answered, is no word about istiod, and is asked for again at once", async () => {
    const { steering } = fakeSteering();
    const app = dashboardOf(size, { mesh: waiting, steering });
    app.press(":proxies", "enter");
    await Promise.resolve();
    expect(app.screen()).toContain("Asking every istiod.");
    app.show(live);
    app.pass(500);
    expect(reads(app)).toBe(2);
    await Promise.resolve();
    expect(app.screen()).toContain("No istiod can be seen.");
    app.pass(9_000);
    expect(reads(app)).toBe(2);
    app.pass(1_000);
    expect(reads(app)).toBe(3);
  });

  test("of a cluster that was never reached, is why it was not, and no word about istiod", async () => {
    const error = { kind: "unreachable", message: "The API server can't be reached.", advice: null } as const;
    const kubernetes = { is: "stale", at: null, error } as const;
    const never = { ...live, services: [], sources: { ...live.sources, kubernetes } };
    const app = dashboardOf(size, { mesh: never, steering: fakeSteering().steering });
    app.press(":proxies", "enter");
    await Promise.resolve();
    expect(app.screen()).toMatch(/^ {2}The API server can't be reached\./m);
    expect(app.screen()).not.toContain("istiod can be seen");
  });
});
