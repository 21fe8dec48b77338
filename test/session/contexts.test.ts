import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { keys, startMeshtop, type TerminalSession } from "../support/terminal.ts";

type Started = Awaited<ReturnType<typeof startDemo>>;
type Demo = Extract<Started, { readonly ok: true }>["value"];

const open: { folder: string; demos: Demo[]; session: TerminalSession | null } = {
  folder: "",
  demos: [],
  session: null,
};

async function demo(scenario: string): Promise<Demo> {
  const started = await startDemo({ scenario, variant: null, seed: 1, clock: () => Date.now() });
  if (!started.ok) throw new Error(started.error.message);
  open.demos.push(started.value);
  return started.value;
}

const urlIn = ({ kubeconfig }: Demo): string => /server: (\S+)/.exec(kubeconfig)![1]!;

/** One kubeconfig: the shop is where it begins, the library is protected, and nobody listens at the third. */
async function kubeconfig(): Promise<string> {
  const places = {
    shop: urlIn(await demo("coolstore")),
    "library-prod": urlIn(await demo("bookinfo")),
    nowhere: "http://127.0.0.1:1",
  };
  const entries = (of: (name: string, url: string) => string): string =>
    Object.entries(places)
      .map(([name, url]) => of(name, url))
      .join("\n");
  const path = join(open.folder, "kubeconfig");
  await writeFile(
    path,
    [
      "apiVersion: v1\nkind: Config\ncurrent-context: shop\nclusters:",
      entries(
        (name, url) => `- {name: at-${name}, cluster: {server: "${url}", insecure-skip-tls-verify: true}}`,
      ),
      "users: [{name: me, user: {token: demo}}]\ncontexts:",
      entries((name) => `- {name: ${name}, context: {cluster: at-${name}, user: me}}`),
    ].join("\n"),
  );
  return path;
}

let path = "";
beforeAll(async () => {
  open.folder = await mkdtemp(join(tmpdir(), "meshtop-contexts-"));
  path = await kubeconfig();
}, 60_000);
afterEach(() => open.session?.kill("SIGKILL"));
afterAll(async () => {
  await Promise.all(open.demos.map((one) => one.stop()));
  await rm(open.folder, { recursive: true, force: true });
});

function dashboard(): TerminalSession {
  open.session = startMeshtop(["--kubeconfig", path], {
    columns: 120,
    rows: 40,
    environment: { XDG_STATE_HOME: open.folder, XDG_CONFIG_HOME: open.folder },
  });
  return open.session;
}

describe("the contexts of a kubeconfig", () => {
  test("are listed, and enter goes to another cluster and back, each with its own mesh, name and level", async () => {
    const session = dashboard();
    await session.sees(/catalog[\s\S]*prom <10 s|prom <10 s[\s\S]*catalog/);
    session.press("b");
    const listed = await session.sees("nowhere");
    expect(listed).toMatch(/library-prod +protected +at-library-prod/);
    expect(listed).toMatch(/\* +shop +open +at-shop/);
    session.press(keys.up, keys.up, keys.up, keys.enter);
    const library = await session.sees("productpage");
    expect(library).toMatch(/^ library-prod +all namespaces +services/);
    expect(library).not.toContain("istioinaction");
    expect(library).not.toContain("catalog");
    expect(await session.sees("[protected]")).toContain("bookinfo");
    session.press(":ctx shop", keys.enter);
    const shop = await session.sees("catalog");
    expect(shop).toMatch(/^ shop +all namespaces +services/);
    expect(shop).not.toContain("productpage");
  }, 60_000);

  test("of which one can't be reached say so under its name, and lead back", async () => {
    const session = dashboard();
    await session.sees("catalog");
    session.press(":ctx nowhere", keys.enter);
    const lost = await session.sees("can't be reached");
    expect(lost).toMatch(/^ nowhere /);
    expect(lost).not.toContain("catalog");
    session.press(":ctx shop", keys.enter);
    await session.sees("catalog");
    session.press(":ctx shopp", keys.enter);
    await session.sees("The kubeconfig has no context shopp; :contexts lists them.");
    session.press(":ctx shop", keys.enter);
    await session.sees("shop is the context on the screen already.");
    session.press("q", "q", "q");
    expect((await session.ended).exitCode).toBe(0);
  }, 60_000);

  test("leave an open question behind: nothing of it is written anywhere", async () => {
    const session = dashboard();
    await session.sees("catalog");
    session.press(":traffic catalog", keys.enter);
    await session.sees("x-istio-cohort");
    session.press("w");
    await session.sees("Weights: catalog");
    session.press(keys.escape, ":ctx library-prod", keys.enter);
    await session.sees("productpage");
    session.press(":journal", keys.enter);
    const journal = await session.sees(/journal/);
    expect(journal).not.toContain("catalog");
  }, 60_000);
});
