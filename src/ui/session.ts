import { levelOf, type LevelRule } from "../actions/guard.ts";
import type { Session } from "./appProps.ts";
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
    namespace: wish.allNamespaces ? null : wish.namespace,
    scenario: wish.demo === null || wish.variant === null ? wish.demo : `${wish.demo} ${wish.variant}`,
    level: connection === null || wish.readonly ? "read-only" : levelOf(context, levels),
    armedFor: wish.armedFor,
    isSealed: wish.readonly,
    traces,
    version,
  };
}
