/** Which cluster it is, whatever its address and its name in a kubeconfig. */
import { readAnswer, type Request } from "./answers.ts";
import { valueAt } from "./changes/pointer.ts";
import type { Intent } from "./journalEntry.ts";

const READ_TIMEOUT = 10_000;

/** The uid of this namespace is what Kubernetes' own tools take for the cluster's: it is made with the cluster and never again. */
const NAMESPACE = "/api/v1/namespaces/kube-system";

/** `null`: the user may not see it, or the server does not say. Never rejects. Asked once where there is an answer. */
export type Identity = () => Promise<string | null>;

export function identityOf(request: Request): Identity {
  let known: string | null | undefined;
  return async () => {
    if (known !== undefined) return known;
    const answer = await readAnswer(request, NAMESPACE, READ_TIMEOUT);
    if (!answer.ok || answer.value.status >= 500) return null;
    const uid = answer.value.status === 200 ? valueAt(answer.value.json, "/metadata/uid") : null;
    known = typeof uid === "string" && uid !== "" ? uid : null;
    return known;
  };
}

/** Where a context leads now. */
export interface Place {
  /** `host:port`. */
  readonly server: string;
  /** As `Identity` tells. */
  readonly cluster: string | null;
}

/**
 * Why an entry of the journal is none of this cluster's, as a sentence; `null`: it is. The same name of a context may lead to another cluster by now, where objects of
 * the same name are other objects. Where one of the two identities is not known the address decides.
 */
export function elsewhere({ summary, id, origin, cluster = null }: Intent, here: Place): string | null {
  const what = `${summary} (${id}) was made on the API server ${origin.server}`;
  if (cluster !== null && here.cluster !== null) {
    if (cluster === here.cluster) return null;
    const where =
      origin.server === here.server
        ? "and behind that address is another cluster by now"
        : `and the context leads to another cluster by now, ${here.server}`;
    return `${what}, ${where}: nothing of it is touched here.`;
  }
  if (origin.server === here.server) return null;
  return `${what}, and the context leads to ${here.server} by now, which may be another cluster: nothing of it is touched here.`;
}
