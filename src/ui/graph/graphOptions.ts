import type { Grouping } from "./grouping.ts";

/** How the graph is drawn, whatever page it is on. */
export interface GraphOptions {
  readonly grouping: Grouping;
  /** What is left out, as typed after `:hide`; "" leaves out nothing. */
  readonly hide: string;
  /** One band of rows for each namespace, with its name. */
  readonly isBoxed: boolean;
  /** With what Kubernetes knows and nobody calls. */
  readonly showsIdle: boolean;
  /** What is under the cursor in full, below the picture; `auto`: where there are rows to spare. */
  readonly panel: "auto" | "on" | "off";
}

export const firstOptions: GraphOptions = {
  grouping: "service",
  hide: "",
  isBoxed: false,
  showsIdle: false,
  panel: "auto",
};
