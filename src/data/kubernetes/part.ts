/** What of a cluster is read where all of it does not fit into memory: all but the metadata of pods; or one namespace and no more. */
export type Part = "withoutPods" | "oneNamespace";

export interface PartialRoom {
  /** Asked as objects arrive: would more of them end the process? */
  readonly isShort: () => boolean;
  /** From now on only this is shown; of one namespace, that one. */
  readonly onPart: (part: Part, namespace: string) => void;
}
