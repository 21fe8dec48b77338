import type { Level } from "../../actions/guard.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Instant } from "../../data/mesh/units.ts";
import type { Content } from "./content.ts";
import type { Subject } from "./uiState.ts";

/** What a key can be about: the mesh, what the state's page shows of it, and whether it may be changed. */
export interface Situation {
  readonly mesh: Mesh;
  readonly content: Content;
  /** Lines of the body on screen. */
  readonly rows: number;
  /** What is under the cursor. */
  readonly selected: Subject | null;
  readonly now: Instant;
  /** How hard it is to write here. */
  readonly level: Level;
  /** `--readonly`: arming is refused. */
  readonly isSealed: boolean;
  /** As the kubeconfig names it. */
  readonly contextName: string;
  /** There is a connection to write through. */
  readonly isConnected: boolean;
}
