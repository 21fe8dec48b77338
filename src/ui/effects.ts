/** Effects reach the world here, and nowhere else. */
import type { Outcome, Proposal } from "../actions/proposal.ts";
import { explain, fail, type DataError, type Result } from "../data/mesh/result.ts";
import type { AppProps } from "./appProps.ts";
import type { ContextRow } from "./state/contextEvent.ts";
import type { Effect, UiEvent } from "./state/event.ts";
import type { JournalState, Wish } from "./state/steering.ts";

/** How long a sentence stays on the message line, as in k9s. */
const flashMs = 6000;
/** How long it says that a shift agrees. */
const agreedMs = 60_000;

/** How often istiods are asked for the state of their proxies while it is on screen. */
const proxiesMs = 10_000;
/** The same before the cluster has answered, when there is nobody to ask yet. */
const earlyMs = 500;

export interface Ports {
  props: AppProps;
  /** Gives the terminal back, and tells the world. */
  leave: () => void;
  /** Gives the terminal back until the program is woken. */
  suspend: () => void;
  /** Shifts that are counted, by the id of their question: stops it. */
  readonly followed: Map<number, () => void>;
  /** Access logs that are followed, by their id: stops it. */
  readonly tailed: Map<number, () => void>;
}

type Run<Do extends Effect["do"]> = (
  effect: Extract<Effect, { do: Do }>,
  ports: Ports,
  dispatch: (event: UiEvent) => void,
) => void;

const runs: { readonly [Do in Effect["do"]]: Run<Do> } = {
  exit: (_effect, { leave }) => leave(),
  suspend: (_effect, { suspend }) => suspend(),
  refresh: (_effect, { props }) => props.refresh(),
  dispatch: ({ event }, _ports, dispatch) => dispatch(event),
  expireFlash: ({ id }, { props }, dispatch) =>
    once(props.clock, flashMs, () => dispatch({ is: "flashExpired", id })),
  expireArming: ({ after }, { props }, dispatch) =>
    once(props.clock, after, () => dispatch({ is: "armingExpired" })),
  read: ({ ref }, { props }, dispatch) =>
    void props.readObject(ref).then((result) => dispatch({ is: "objectRead", ref, result })),
  previewStrict: ({ namespace }, { props }, dispatch) =>
    void props.previewStrict(namespace).then((result) => dispatch({ is: "strictRead", namespace, result })),
  readProxies: ({ id }, { props }, dispatch) =>
    void props.proxies.read().then((result) => dispatch({ is: "proxiesRead", id, result })),
  lookIntoProxy: ({ key }, { props }, dispatch) => {
    const [namespace = "", name = ""] = key.split("/");
    void props.proxies
      .look({ namespace, name })
      .then((result) => dispatch({ is: "proxyLooked", key, result }));
  },
  askCaller: ({ service, caller, wish }, { props }, dispatch) =>
    void props.proxies
      .askCaller(wish)
      .then((look) => dispatch({ is: "callerAnswered", service, caller, look })),
  waitForProxies: ({ id, early }, { props }, dispatch) =>
    once(props.clock, early ? earlyMs : proxiesMs, () => dispatch({ is: "proxiesDue", id })),
  readJournal: (_effect, { props }, dispatch) =>
    void journalOf(props).then((result) => dispatch({ is: "journalRead", result })),
  propose: ({ id, wish }, { props }, dispatch) =>
    void proposalFor(wish, props).then((result) => dispatch({ is: "proposed", id, result })),
  write: ({ id, proposal }, { props }, dispatch) =>
    void outcomeOf(proposal, props).then((outcome) => dispatch({ is: "written", id, outcome })),
  follow: ({ id, wish }, { props, followed }, dispatch) => {
    const { steering, clock } = props;
    const stop = steering?.follow(wish, clock.now(), (arrival) => dispatch({ is: "arrived", id, arrival }));
    if (stop !== undefined) followed.set(id, stop);
  },
  unfollow: ({ id }, { followed }) => {
    followed.get(id)?.();
    followed.delete(id);
  },
  readContexts: (_effect, { props }, dispatch) =>
    void contextsOf(props).then((result) => dispatch({ is: "contextsRead", result })),
  findContext: ({ name }, { props }, dispatch) =>
    void contextsOf(props).then((result) => dispatch(wayTo(name, result))),
  switchContext: ({ name }, { props }) => props.contexts?.switchTo(name),
  tail: ({ id, wish }, { props, tailed }, dispatch) => {
    const stop = props.tail?.(wish, (news) => dispatch({ is: "logged", id, news }));
    if (stop === undefined) dispatch({ is: "logged", id, news: { ...noNews, problem: notConnected } });
    else tailed.set(id, stop);
  },
  untail: ({ id }, { tailed }) => {
    tailed.get(id)?.();
    tailed.delete(id);
  },
  expireFollowing: ({ id }, { props }, dispatch) =>
    once(props.clock, agreedMs, () => dispatch({ is: "followedLong", id })),
};

/** Runs one; what comes back later is dispatched. The table has a function of the right kind for each; the compiler can't follow that. */
export function run(effect: Effect, ports: Ports, dispatch: (event: UiEvent) => void): void {
  (runs[effect.do] as Run<Effect["do"]>)(effect, ports, dispatch);
}

const noContexts: DataError = {
  kind: "absent",
  message: "A simulated mesh has no other clusters.",
  advice: "Without demo, meshtop takes the contexts of the kubeconfig.",
};

function contextsOf({ contexts }: AppProps): Promise<Result<readonly ContextRow[], DataError>> {
  return contexts === null ? Promise.resolve(fail(noContexts)) : contexts.list();
}

/** A name that the kubeconfig has not would cost the connection that there is. */
function wayTo(name: string, known: Result<readonly ContextRow[], DataError>): UiEvent {
  if (!known.ok) return { is: "flash", text: explain(known.error), tone: "warn" };
  if (known.value.some((one) => one.name === name)) return { is: "contextFound", name };
  return { is: "flash", text: `The kubeconfig has no context ${name}; :contexts lists them.`, tone: "warn" };
}

const noNews = { lines: [], lost: 0, pods: [], others: 0 };

const notConnected = "There is no connection to a cluster.";

function journalOf({ steering }: AppProps): Promise<Result<JournalState, string>> {
  return steering === null ? Promise.resolve(fail(notConnected)) : steering.journal();
}

function proposalFor(wish: Wish, { steering }: AppProps): Promise<Result<Proposal, string>> {
  if (steering === null) return Promise.resolve(fail(notConnected));
  return wish.is === "change" ? steering.propose(wish.change) : steering.proposeUndo(wish.which, wish.entry);
}

function outcomeOf(proposal: Proposal, { steering }: AppProps): Promise<Outcome> {
  if (steering !== null) return steering.apply(proposal);
  const empty = { id: null, advice: null, steps: [], deviations: [], warnings: [], objects: [] };
  return Promise.resolve({ ...empty, is: "unreachable", message: `${notConnected} Nothing was sent.` });
}

function once(clock: AppProps["clock"], ms: number, act: () => void): void {
  const stop = clock.every(ms, () => {
    stop();
    act();
  });
}
