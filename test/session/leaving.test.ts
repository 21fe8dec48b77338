import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startCommandLine, type CommandLine } from "../support/commandLine.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";
import { keys, startMeshtop, type TerminalSession } from "../support/terminal.ts";

const canary = "/apis/flagger.app/v1beta1/namespaces/istioinaction/canaries/recommendation";
const route = "/apis/networking.istio.io/v1/namespaces/istioinaction/virtualservices/recommendation";
const pause = (ms = 600): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let line: CommandLine;
let proxy: Proxy;
let session: TerminalSession;
beforeEach(async () => {
  line = await startCommandLine();
  proxy = await startProxy(line.url);
  await line.seenAs("meshtop-demo", proxy.url);
  session = startMeshtop([...line.where], { environment: line.environment });
});
afterEach(async () => {
  session.kill("SIGKILL");
  await session.ended;
  await proxy.stop();
  await line.stop();
});

/** Asks to take all traffic back from a canary, and says yes: first the canary is suspended, then its route is written. */
async function abortCanary(): Promise<void> {
  await session.sees("webapp", 30_000);
  session.press(":canaries", keys.enter);
  await session.sees(/▸.*recommendation/, 30_000);
  session.press("p");
  await session.sees("Flagger has no");
  session.press("j", "j", "j", keys.enter);
  await session.sees(/dry run: accepted[\s\S]*apply\?/, 30_000);
  await pause();
  session.press("y");
  await session.sees("press Y");
  await pause();
  session.press("Y");
}

const state = async () => [(await line.object(canary)).spec, (await line.object(route)).spec];

/** Entries of the journal, read by another process. */
async function journal(): Promise<unknown> {
  return JSON.parse((await line.meshtop("journal", "-o", "json")).stdout);
}

describe("A dashboard that is told to end between two patches of a plan", () => {
  test.each([
    ["SIGTERM", () => session.kill("SIGTERM")],
    ["SIGHUP", () => session.kill("SIGHUP")],
    ["a terminal that hangs up", () => session.hangUp()],
  ])(
    "waits for the one that is out, takes it back, and notes it: %s",
    async (_how, end) => {
      const before = await state();
      let writes = 0;
      proxy.onWrite(async (send) => {
        const give = await send();
        writes += 1;
        if (writes === 1) {
          end();
          await pause(500);
        }
        give();
      });
      await abortCanary();
      await session.ended;
      await expect
        .poll(journal, { timeout: 10_000 })
        .toMatchObject([{ outcome: { is: "refused", steps: ["taken back", "not sent"] } }]);
      expect(await state()).toEqual(before);
      // There and back, and never the second one.
      expect(writes).toBe(2);
    },
    90_000,
  );

  test("does not wait for ever: the next start finds out what became of it", async () => {
    proxy.onWrite(async (send) => {
      const give = await send();
      session.kill("SIGTERM");
      await pause(10_000);
      give();
    });
    const started = abortCanary();
    const { exitCode } = await session.ended;
    await started;
    expect(exitCode).toBe(143);
    expect(session.output()).toContain("its outcome is not known yet. The next start finds it out.");
    await line.seenAs("meshtop-demo");
    const next = await line.meshtop("undo", "--yes");
    expect(next.stderr).toMatch(/was interrupted. It was applied in part: undo takes that part back/);
    expect((await line.object(canary)).spec.suspend ?? false).toBe(false);
  }, 90_000);
});
