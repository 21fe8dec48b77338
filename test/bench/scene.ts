import type { Cluster } from "./cluster.ts";

/** What every part of the benchmark is given. */
export interface Scene {
  readonly isShort: boolean;
  readonly services: number;
  /** Of the program: its compile cache and its journal. */
  readonly home: string;
  readonly clusterOf: (services: number) => Promise<Cluster>;
  readonly say: (text: string) => void;
}
