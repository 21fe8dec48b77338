import { levelOf, type LevelRule } from "../actions/guard.ts";
import { ok, type DataError, type Result } from "../data/mesh/result.ts";
import type { AppProps, Session } from "./appProps.ts";
import type { ContextRow } from "./state/contextEvent.ts";
import type { Options } from "./commands/options.ts";

/** What is known of a run from its words and its connection. */
interface Known {
  readonly wish: Options;
  readonly levels: readonly LevelRule[];
  /** Names as the kubeconfig has them; `null`: not connected, or not yet. */
  readonly connection: Pick<Session, "context" | "cluster" | "user"> | null;
  readonly traces: Session["traces"];
  readonly version: string;
}

/** Nothing is written before there is a connection. */
export function sessionOf({ wish, levels, connection, version, traces }: Known): Session {
  const { context, cluster, user } = connection ?? { context: "", cluster: "", user: "" };
  return {
    context,
    cluster,
    user,
    wanted: wish.context ?? "",
    namespace: wish.allNamespaces ? null : wish.namespace,
    scenario: wish.demo === null || wish.variant === null ? wish.demo : `${wish.demo} ${wish.variant}`,
    level: connection === null || wish.readonly ? "read-only" : levelOf(context, levels),
    armedFor: wish.armedFor,
    isSealed: wish.readonly,
    traces,
    version,
  };
}

/**
 * The words of a run on another context. What was said about the first one alone is not said about this: its namespace, its Prometheus with the
 * credentials for it, and that it is armed.
 */
function wishFor(wish: Options, context: string): Options {
  const prometheus = {
    prometheus: null,
    prometheusTokenFile: null,
    prometheusCa: null,
    prometheusHeaders: [],
  };
  return { ...wish, ...prometheus, context, namespace: null, allNamespaces: false, armedFor: null };
}

/** A context as the kubeconfig has it. */
type Listed = Omit<ContextRow, "level" | "isCurrent"> & { readonly isDefault: boolean };

interface Elsewhere {
  readonly list: () => Promise<Result<readonly Listed[], DataError>>;
  /** Ends this run for one with these words. */
  readonly leave: (wish: Options) => void;
}

/** @param current the context that is connected, or was asked for; `null`: that of the file. */
export function otherContexts(
  { wish, levels, current }: Pick<Known, "wish" | "levels"> & { readonly current: string | null },
  { list, leave }: Elsewhere,
): AppProps["contexts"] {
  if (wish.demo !== null) return null;
  const rowOf = ({ isDefault, ...one }: Listed): ContextRow => ({
    ...one,
    level: wish.readonly ? "read-only" : levelOf(one.name, levels),
    isCurrent: current === null ? isDefault : one.name === current,
  });
  return {
    async list() {
      const known = await list();
      return known.ok ? ok(known.value.map(rowOf)) : known;
    },
    switchTo: (name) => leave(wishFor(wish, name)),
  };
}

/** For the notes of a run that goes on with the Prometheus of the configuration. */
export const samePrometheus =
  "Prometheus is the one that meshtop/config.yaml names for every context: what it holds of other clusters is shown here as well.";
