import { describe, expect, test } from "vitest";
import type { AppProps } from "../../../src/ui/appProps.ts";
import type { ContextRow } from "../../../src/ui/state/contextEvent.ts";
import { currentPage } from "../../../src/ui/state/uiState.ts";
import { fail, ok, type DataError, type Result } from "../../../src/data/mesh/result.ts";
import { otherContexts } from "../../../src/ui/session.ts";
import { parseCommand } from "../../../src/ui/commands/parseCommand.ts";
import type { Options } from "../../../src/ui/commands/options.ts";
import { dashboardOf, type Dashboard } from "../../support/dashboard.ts";
import { fakeSteering } from "../../support/fakeSteering.ts";

const row = (name: string, isCurrent = false): ContextRow => ({
  ...{ name, cluster: `at-${name}`, user: "me", namespace: null, level: "open", isCurrent },
});

function watched(
  result: Result<readonly ContextRow[], DataError> = ok([
    row("library"),
    row("prod-eu", true),
    row("\u001b[31mred"),
  ]),
): { readonly shown: Dashboard; readonly switched: string[]; readonly settled: () => Promise<void> } {
  const switched: string[] = [];
  const contexts: AppProps["contexts"] = {
    list: () => Promise.resolve(result),
    switchTo: (name) => void switched.push(name),
  };
  const shown = dashboardOf(
    { columns: 100, rows: 30 },
    {
      contexts,
      session: { level: "open" },
      steering: fakeSteering({ writing: new Promise(() => undefined) }).steering,
    },
  );
  return { shown, switched, settled: () => new Promise((resolve) => void setImmediate(resolve)) };
}

describe("the way to another context", () => {
  test("is enter on its row; names of the kubeconfig reach no terminal as they are", async () => {
    const { shown, switched, settled } = watched();
    shown.press("b");
    await settled();
    expect(shown.screen()).toMatch(/\* +prod-eu +open +at-prod/);
    expect(shown.screen()).not.toContain("\u001b");
    shown.press("G", "enter");
    await settled();
    expect(switched).toEqual(["\u001b[31mred"]);
  });

  test("is :ctx with its name, if the kubeconfig has it", async () => {
    const { shown, switched, settled } = watched();
    shown.press(":ctx library", "enter");
    await settled();
    expect(switched).toEqual(["library"]);
    shown.press(":ctx libary", "enter");
    await settled();
    expect(switched).toEqual(["library"]);
    expect(shown.screen()).toContain("The kubeconfig has no context libary; :contexts lists them.");
  });

  test("is completed by tab once the kubeconfig is read, which is when :ctx is typed", async () => {
    const { shown, switched, settled } = watched(
      ok([row("library"), row("prod-eu", true), row("prod-us"), row("\u001b[31mprod")]),
    );
    shown.press(":ctx ");
    await settled();
    // Neither the one on the screen nor one that would reach the terminal as it is.
    expect(shown.screen()).toMatch(/:ctx library +ctx prod-us/);
    expect(shown.screen()).not.toMatch(/:ctx .*prod-eu/);
    shown.press("us", "tab", "enter");
    await settled();
    expect(switched).toEqual(["prod-us"]);
  });

  test("completes nothing where the kubeconfig can't be read", async () => {
    const { shown, settled } = watched(
      fail({ kind: "config", message: "There is no kubeconfig at /x.", advice: null }),
    );
    shown.press(":ctx l");
    await settled();
    shown.press("tab");
    expect(shown.screen()).toMatch(/:ctx l *\n/);
  });

  test("leads nowhere from a kubeconfig that can't be read, and from a simulated mesh", async () => {
    const error: DataError = { kind: "config", message: "There is no kubeconfig at /x.", advice: null };
    const { shown, switched, settled } = watched(fail(error));
    shown.press("b");
    await settled();
    expect(shown.screen()).toContain("There is no kubeconfig at /x.");
    shown.press("esc");
    expect(currentPage(shown.program.state()).view).toBe("services");
    expect(switched).toEqual([]);
    const simulated = dashboardOf({ columns: 100, rows: 30 });
    simulated.press("b");
    await settled();
    expect(simulated.screen()).toContain("A simulated mesh has no other clusters.");
  });

  test("is barred while a change is being written, whichever step of it comes meanwhile", async () => {
    const { shown, switched, settled } = watched();
    const { program } = shown;
    shown.press(":traffic catalog", "enter", "w");
    const editor = program.state().dialog;
    expect(editor?.is).toBe("weights");
    shown.press("right", "enter");
    await settled();
    const { dialog } = program.state();
    if (dialog?.is !== "question" || dialog.phase.is !== "asked") throw new Error("no question");
    program.dispatch({ is: "answer" });
    if (dialog.phase.demand.is !== "key") program.dispatch({ is: "answer" });
    const writing = program.state().dialog;
    expect(writing?.is === "question" ? writing.phase.is : null).toBe("writing");
    program.dispatch({ is: "switchContext", name: "library" });
    program.dispatch({ is: "contextFound", name: "library" });
    await settled();
    expect(switched).toEqual([]);
    expect(shown.screen()).toContain("A change is being written here; the other context has to wait");
  });
});

test("the words of the first context are not those of the next: not its Prometheus, its namespace, nor that it is armed", () => {
  const parsed = parseCommand([
    ...["--context", "a", "-n", "shop", "--prometheus", "http://a:9090", "--write=15m"],
    ...["--prometheus-header", "Authorization: secret", "--window", "2m"],
  ]);
  if (!parsed.ok || parsed.value.is !== "dashboard") throw new Error("no dashboard");
  const { options } = parsed.value;
  const left: Options[] = [];
  const around = { list: () => Promise.resolve(ok([])), leave: (next: Options) => void left.push(next) };
  otherContexts({ wish: options, levels: [], current: "a" }, around)!.switchTo("b");
  expect(left).toEqual([
    {
      ...options,
      context: "b",
      namespace: null,
      prometheus: null,
      prometheusHeaders: [],
      armedFor: null,
    },
  ]);
});
