/** What `meshtop get` prints, in the order in which the usage names it. */
export const getViews = [
  "graph",
  "services",
  "routes",
  "canaries",
  "mtls",
  "policies",
  "breakers",
  "proxies",
  "egress",
  "checks",
] as const;

export type GetView = (typeof getViews)[number];

/** Proxies are no part of a mesh: istiods are asked for them. */
export type MeshView = Exclude<GetView, "proxies">;
