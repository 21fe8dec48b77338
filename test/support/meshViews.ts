import { getViews, type MeshView } from "../../src/ui/print/getViews.ts";

/** Everything that `meshtop get` prints of a mesh. */
export const meshViews = getViews.filter((view): view is MeshView => view !== "proxies");
