import { afterEach, describe, expect, test } from "vitest";
import { showDashboard } from "../../src/ui/showDashboard.tsx";
import { worldOf, type World, type WorldOptions } from "../support/dashboard.ts";
import { fakeSteering } from "../support/fakeSteering.ts";
import { inkTerminal, type InkTerminal } from "../support/inkTerminal.ts";
import { coolstore, httpOf, serviceOf } from "../support/meshFixture.ts";

interface Running extends InkTerminal {
  readonly world: World;
}

const leave: (() => void)[] = [];
afterEach(() => {
  for (const unmount of leave.splice(0)) unmount();
});

async function open(
  columns: number,
  rows: number,
  { isMute, ...options }: WorldOptions & { readonly isMute?: boolean } = {},
): Promise<Running> {
  const terminal = inkTerminal(columns, rows, isMute);
  const world = worldOf(options);
  const screen = showDashboard(world.props, terminal);
  leave.push(() => screen.close());
  do await terminal.resize(columns, rows);
  while (!terminal.written().includes("[2J"));
  return { ...terminal, world };
}

test("the first screen is the services, worst first, on exactly the rows there are", async () => {
  const app = await open(80, 24);
  const screen = await app.screen();
  expect(screen[0]).toContain("prod-eu");
  expect(screen[4]).toContain("catalog");
  expect(screen[23]).toContain("? help");
  expect(await app.isAlternate()).toBe(true);
});

test("keys that arrive in one packet all count", async () => {
  const app = await open(80, 24);
  await app.send("jj");
  expect((await app.screen())[6]).toMatch(/^▸ inventory/);
  await app.send(":traffic webapp\r");
  expect((await app.screen())[2]).toContain("traffic istioinaction/webapp");
});

test("a filter narrows the rows while it is typed, counts them, and esc takes it away", async () => {
  const app = await open(80, 24);
  await app.send("/web");
  expect((await app.screen())[2]).toContain("services 1 of 8 /web");
  await app.send("\r");
  await app.send("\u001b");
  expect((await app.screen())[2]).toContain("services 8");
});

test("the cursor stays on its service when a refresh moves the row", async () => {
  const app = await open(80, 24);
  await app.send("j");
  expect((await app.screen())[5]).toMatch(/^▸ webapp/);
  const mesh = coolstore();
  const services = mesh.services.map((service) =>
    service.name === "webapp" ? { ...service, traffic: httpOf(12, 0.9, 30) } : service,
  );
  app.world.show({ ...mesh, services });
  await app.resize(80, 24);
  expect((await app.screen())[4]).toMatch(/^▸ webapp/);
});

test("a refresh that changes nothing writes nothing", async () => {
  const app = await open(80, 24);
  const before = app.written().length;
  app.world.show({ ...coolstore() });
  await app.send("");
  await app.send("");
  expect(app.written().slice(before)).toBe("");
});

test("moving the cursor one row writes no more than 600 bytes", async () => {
  const app = await open(120, 40, { terminal: { color: "truecolor", unicode: true } });
  await app.send("j");
  const before = app.written().length;
  await app.send("j");
  expect(app.written().length - before).toBeGreaterThan(0);
  expect(app.written().length - before).toBeLessThanOrEqual(600);
});

test("the screen follows the terminal's size, down to one that is too small and back", async () => {
  const app = await open(120, 40);
  await app.resize(80, 24);
  expect((await app.screen())[23]).toContain("? help");
  await app.resize(30, 6);
  expect(await app.screen()).toEqual(["meshtop needs", "40x10 cells;", "this is 30x6.", "", "", ""]);
  await app.resize(100, 30);
  const screen = await app.screen();
  expect(screen).toHaveLength(30);
  expect(screen[29]).toContain("? help");
});

test("ctrl-c gives the screen back before the world hears of it", async () => {
  const app = await open(80, 24);
  await app.send("\u0003");
  expect(await app.isAlternate()).toBe(false);
  expect(app.world.calls.filter((call) => call === "exit")).toEqual(["exit"]);
});

test("the service on screen is the one asked for in detail", async () => {
  const app = await open(80, 24);
  await app.send("\r");
  expect(app.world.calls.at(-1)).toBe("focus istioinaction/catalog");
});

test("services that a refresh brings onto the screen are asked for in detail too", async () => {
  const app = await open(80, 24, { mesh: coolstore({ services: [] }) });
  app.world.show(coolstore());
  await app.send("");
  expect(app.world.calls.at(-1)).toMatch(/^focus istioinaction\/catalog istioinaction\/webapp/);
});

test("wide names push nothing off the screen", async () => {
  const services = Array.from({ length: 60 }, (_, n) => serviceOf(`商品目錄服務名稱很長${n}`.repeat(3)));
  const app = await open(80, 24, { mesh: coolstore({ services }) });
  for (const keys of ["", "G", "\r", "d"]) {
    await app.send(keys);
    const screen = await app.screen();
    expect(screen[0]).toContain("prod-eu");
    expect(screen[2]).toMatch(/^─ /);
    expect(screen[23]).toContain("? help");
  }
});

test("q on the first page leaves, and the shell's screen is back", async () => {
  const app = await open(80, 24);
  await app.send("\r");
  await app.send("q");
  expect(await app.isAlternate()).toBe(true);
  await app.send("q");
  expect(await app.isAlternate()).toBe(false);
});

describe("A yes counts only where all that is asked is on the screen", () => {
  const onCatalog = ":traffic catalog\rjjjj";

  async function openSteered(
    [columns, rows]: readonly [number, number],
    session: WorldOptions["session"] = { level: "open", context: "demo" },
  ) {
    const fake = fakeSteering();
    const app = await open(columns, rows, { session, steering: fake.steering });
    return { ...app, applied: fake.applied };
  }

  test("which it is not on a terminal that was made too small for it", async () => {
    const app = await openSteered([80, 24]);
    await app.send(onCatalog);
    await app.send("w50\r");
    app.world.pass(1000);
    await app.resize(30, 6);
    app.world.pass(1000);
    await app.send("y");
    app.world.pass(1000);
    expect(app.applied).toEqual([]);
    await app.resize(80, 24);
    app.world.pass(1000);
    await app.send("y");
    app.world.pass(1000);
    expect(app.applied).toHaveLength(1);
  });

  test("which it is not where the names that are asked for do not fit", async () => {
    const context = "arn:aws:eks:eu-west-1:123456789012:cluster/shop";
    const app = await openSteered([40, 10], { level: "protected", context });
    const answer = async () => {
      app.world.pass(1000);
      for (const piece of ["c", "atalog", "\r"]) await app.send(piece);
      app.world.pass(1000);
    };
    await app.send(onCatalog);
    await app.send("w50\r");
    expect((await app.screen()).join("\n")).not.toContain("type arn:aws");
    await answer();
    expect(app.applied).toEqual([]);
    await app.resize(80, 24);
    expect((await app.screen()).join("\n")).toContain("type arn:aws");
    await answer();
    expect(app.applied).toHaveLength(1);
  });

  test("which it is not while the terminal is the shell's", async () => {
    const terminal = inkTerminal(80, 24);
    const fake = fakeSteering();
    const session = { level: "open", context: "demo" } as const;
    const world = worldOf({ session, steering: fake.steering });
    const { promise: woken, resolve: wake } = Promise.withResolvers<undefined>();
    const screen = showDashboard({ ...world.props, suspend: () => woken }, terminal);
    leave.push(() => screen.close());
    await terminal.resize(80, 24);
    await terminal.send(onCatalog);
    await terminal.send("\u001aw50\r");
    world.pass(1000);
    wake(undefined);
    await terminal.send("");
    expect((await terminal.screen()).join("\n")).toContain("apply? y / n");
    await terminal.send("y");
    world.pass(1000);
    expect(fake.applied).toEqual([]);
    await terminal.send("y");
    world.pass(1000);
    expect(fake.applied).toHaveLength(1);
  });
});

describe("A terminal that does not answer what is asked behind a question", () => {
  const onQuestion = async (app: InkTerminal): Promise<void> => {
    await app.send(":traffic catalog\rjjjj");
    await app.send("w50\r");
  };
  const session = { level: "open", context: "demo" } as const;
  const text = async (app: InkTerminal): Promise<string> => (await app.screen()).join("\n");

  test("has ten seconds for it, in which the question waits and says so", async () => {
    const fake = fakeSteering();
    const app = await open(80, 24, { session, steering: fake.steering, isMute: true });
    await onQuestion(app);
    expect(await text(app)).toContain("apply? y / n");
    app.world.pass(1000);
    await app.send("y");
    app.world.pass(1000);
    expect(await text(app)).toContain("waits for the terminal");
    expect(await text(app)).toContain("The terminal has not answered yet");
    expect(fake.applied).toEqual([]);
    app.world.pass(10_000);
    await app.send("");
    expect(await text(app)).toContain("apply? y / n");
    app.world.pass(1000);
    await app.send("y");
    app.world.pass(1000);
    expect(fake.applied).toHaveLength(1);
  });

  test("though it has answered before is waited for, and n is an answer meanwhile", async () => {
    const fake = fakeSteering();
    const app = await open(80, 24, { session, steering: fake.steering, isMute: true });
    // The first place that is asked for, so that it counts as a terminal that answers.
    await app.send("\u001b[2;1R");
    await onQuestion(app);
    app.world.pass(60_000);
    await app.send("y");
    app.world.pass(60_000);
    await app.send("y");
    app.world.pass(60_000);
    expect(fake.applied).toEqual([]);
    expect(await text(app)).toContain("waits for the terminal");
    // The answer to the question, between keys: none of it is a key, and those before it do not count.
    await app.send("y\u001b[3;1R");
    expect(await text(app)).toContain("apply? y / n");
    app.world.pass(1000);
    expect(fake.applied).toEqual([]);
    await app.send("n");
    expect(await text(app)).toContain("Nothing was written.");
  });
});

test("an escape is the key it was, though an answer may be on its way", async () => {
  const app = await open(80, 24, { steering: fakeSteering().steering, isMute: true });
  await app.send("\r");
  expect((await app.screen())[2]).toContain("traffic");
  await app.send("\u001b");
  await app.send("");
  expect((await app.screen())[2]).toContain("services");
});

test("a program that was stopped behind its back sets the terminal's modes and paints all of it when it goes on", async () => {
  const terminal = inkTerminal(80, 24);
  const world = worldOf();
  const wakes: (() => void)[] = [];
  const raw: boolean[] = [];
  const stdin = new Proxy(terminal.stdin, {
    get: (target, name) =>
      name === "setRawMode" ? (on: boolean) => raw.push(on) : (Reflect.get(target, name) as unknown),
  });
  const onWake = (fn: () => void): (() => void) => {
    wakes.push(fn);
    return () => undefined;
  };
  const screen = showDashboard({ ...world.props, onWake }, { ...terminal, stdin });
  leave.push(() => screen.close());
  await terminal.resize(80, 24);
  const before = (await terminal.screen()).join("\n");
  // What a shell leaves behind.
  terminal.stdout.write("\u001b[?2004l\u001b[2J\u001b[H[1]+  Stopped\r\n$ fg\r\n");
  expect((await terminal.screen())[0]).toContain("Stopped");
  const from = terminal.written().length;
  for (const wake of wakes) wake();
  await terminal.send("");
  expect((await terminal.screen()).join("\n")).toBe(before);
  expect(terminal.written().slice(from)).toContain("\u001b[?2004h");
  expect(raw.slice(-2)).toEqual([false, true]);
});
