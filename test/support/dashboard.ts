/** The dashboard without a terminal: keys in, the screen as text out. */
import type { AppProps, TerminalTraits } from "../../src/ui/appProps.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { ServiceKey } from "../../src/data/mesh/model/keys.ts";
import type { ResourceRef } from "../../src/data/mesh/declared/meta.ts";
import type { ProxyLook } from "../../src/data/mesh/proxies/proxyLook.ts";
import type { ProxyReading } from "../../src/data/mesh/proxies/proxyReading.ts";
import { fail, ok, type DataError, type Result } from "../../src/data/mesh/result.ts";
import { atOnce } from "../../src/data/mesh/steps.ts";
import { instant, type Instant } from "../../src/data/mesh/units.ts";
import { standardKeys } from "../../src/ui/keys.ts";
import { glyphsFor } from "../../src/ui/paint/glyphs.ts";
import { plain } from "../../src/ui/paint/line.ts";
import type { Line } from "../../src/ui/paint/span.ts";
import { themeFor, type Theme } from "../../src/ui/paint/theme.ts";
import { createProgram, type Program } from "../../src/ui/program.ts";
import { composeScreen } from "../../src/ui/screen/composeScreen.ts";
import { coolstore, fixtureInstant } from "./meshFixture.ts";

export interface World {
  readonly props: AppProps;
  /** What the dashboard asked for, in order. */
  readonly calls: string[];
  readonly show: (mesh: Mesh) => void;
  /** Lets time pass for everything that waits on the clock. */
  readonly pass: (ms: number) => void;
}

export interface WorldOptions {
  readonly mesh?: Mesh;
  readonly terminal?: TerminalTraits;
  readonly session?: Partial<AppProps["session"]>;
  readonly keys?: AppProps["keys"];
  readonly steering?: AppProps["steering"];
  readonly proxies?: Result<ProxyReading, DataError>;
  readonly look?: Result<ProxyLook, DataError>;
  /** What the proxy of a caller says of a service; no pod of it is there unless it is given. */
  readonly askCaller?: AppProps["proxies"]["askCaller"];
  readonly object?: Result<unknown, DataError>;
  readonly tail?: AppProps["tail"];
  /** How long work is done; at once unless told. */
  readonly work?: AppProps["clock"]["work"];
  readonly contexts?: AppProps["contexts"];
  /** What STRICT would do to a namespace; nobody answers unless it is given. */
  readonly preview?: Awaited<ReturnType<AppProps["previewStrict"]>>;
}

const unasked: DataError = { kind: "absent", message: "No istiod can be seen.", advice: null };

/** Ports that remember what was asked, and a clock that moves only when told to. */
export function worldOf(options: WorldOptions = {}): World {
  let mesh = options.mesh ?? coolstore();
  let now = Number(fixtureInstant);
  const timers = new Set<{ due: number; readonly ms: number; readonly fn: () => void }>();
  const listeners = new Set<() => void>();
  const calls: string[] = [];
  const props: AppProps = {
    source: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      snapshot: () => mesh,
    },
    session: {
      context: "prod-eu",
      cluster: "prod-eu",
      user: "oncall",
      wanted: "",
      namespace: null,
      scenario: null,
      level: "read-only",
      armedFor: null,
      isSealed: false,
      traces: null,
      version: "0.1.0",
      ...options.session,
    },
    clock: {
      now: (): Instant => instant(now),
      every: (ms, fn) => {
        const timer = { due: now + ms, ms, fn };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
      quiet: (ms, fn) => {
        const timer = {
          due: now + ms,
          ms,
          fn: () => {
            timers.delete(timer);
            fn();
          },
        };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
      work: options.work ?? ((steps, done) => done(atOnce(steps))),
    },
    keys: options.keys ?? standardKeys,
    terminal: options.terminal ?? { color: "none", unicode: true },
    proxies: {
      read: () => {
        calls.push("readProxies");
        return Promise.resolve(options.proxies ?? fail(unasked));
      },
      look: ({ namespace, name }) => {
        calls.push(`lookIntoProxy ${namespace}/${name}`);
        return Promise.resolve(options.look ?? fail(unasked));
      },
      askCaller: (wish) => {
        calls.push(`askCaller ${wish.namespace}/${wish.name} about ${wish.host}`);
        const nobody = { at: instant(now), pod: null, clusters: fail(unasked) };
        return options.askCaller?.(wish) ?? Promise.resolve(nobody);
      },
    },
    readObject: (ref: ResourceRef) => {
      calls.push(`read ${ref.kind} ${ref.namespace ?? ""}/${ref.name}`);
      return Promise.resolve(options.object ?? ok({ kind: ref.kind, metadata: { name: ref.name } }));
    },
    previewStrict: (namespace: string) => {
      calls.push(`previewStrict ${namespace}`);
      return options.preview === undefined ? new Promise(() => undefined) : Promise.resolve(options.preview);
    },
    refresh: () => calls.push("refresh"),
    tail: options.tail ?? null,
    contexts: options.contexts ?? null,
    steering: options.steering ?? null,
    focus: (services: readonly ServiceKey[]) => calls.push(`focus ${services.join(" ")}`),
    suspend: () => {
      calls.push("suspend");
      return Promise.resolve();
    },
    onWake: () => () => undefined,
    exit: () => calls.push("exit"),
  };
  return {
    props,
    calls,
    show: (next) => {
      mesh = next;
      for (const listener of listeners) listener();
    },
    pass: (ms) => {
      now += ms;
      for (const timer of [...timers]) {
        if (timer.due > now) continue;
        timer.due = now + timer.ms;
        timer.fn();
      }
    },
  };
}

export interface Dashboard extends World {
  readonly program: Program;
  /** Keys one after the other, by name; a longer word that is no name is typed. */
  readonly press: (...keys: readonly string[]) => void;
  readonly lines: () => readonly Line[];
  /** The screen as a reader sees it, without trailing spaces. */
  readonly screen: () => string;
}

const names =
  /^(up|down|left|right|enter|esc|tab|backtab|backspace|delete|home|end|pgup|pgdn|ctrl-.|shift-.+)$/;

export function dashboardOf(
  size: { readonly columns: number; readonly rows: number },
  options: WorldOptions = {},
): Dashboard {
  const world = worldOf(options);
  const program = createProgram(world.props, size);
  const lines = (): readonly Line[] =>
    composeScreen({
      state: program.state(),
      session: world.props.session,
      now: world.props.clock.now(),
      glyphs: glyphsFor(world.props.terminal),
      context: program.contextOf(program.state()),
    });
  return {
    ...world,
    program,
    lines,
    press: (...keys) => {
      for (const key of keys) for (const one of names.test(key) ? [key] : Array.from(key)) program.press(one);
    },
    screen: () => screenText(lines(), themeFor(world.props.terminal)),
  };
}

function screenText(lines: readonly Line[], theme: Theme): string {
  return lines.map((line) => `${theme.text(plain(line)).trimEnd()}\n`).join("");
}
