/** The layer rule of ARCHITECTURE.md. Type-only imports count: a type is a dependency on the thing it describes. */
const pure = "^src/data/mesh/";
const thinActions =
  "^src/actions/((change|catalog|proposal|guard|journalEntry|kubectl|paths|wishes|outboundWishes)\\.ts|changes/)";

export default {
  forbidden: [
    {
      name: "mesh-is-pure",
      comment: "The core decides what is true; anything it imports could change that from outside.",
      severity: "error",
      from: { path: pure },
      to: { pathNot: pure },
    },
    {
      name: "ui-sees-no-network",
      comment: "A view is a function of the mesh. Whatever talks to a server reaches it as a value.",
      severity: "error",
      from: { path: "^src/ui/" },
      to: { path: "^src/", pathNot: `^src/ui/|${pure}|${thinActions}` },
    },
    {
      name: "ui-has-no-sockets",
      severity: "error",
      comment: "No client library and no node: network or file module may reach a view.",
      from: { path: "^src/ui/" },
      to: { path: "@kubernetes/client-node|undici|^(node:)?(http|https|net|tls|fs|child_process)(/|$)" },
    },
    {
      name: "data-is-below",
      comment: "Data does not know how it is painted or changed.",
      severity: "error",
      from: { path: "^src/data/" },
      to: { path: "^src/(ui|actions)/" },
    },
    {
      name: "actions-see-the-mesh",
      comment: "Actions plan on the mesh and reach servers through ports.",
      severity: "error",
      from: { path: "^src/actions/" },
      to: { path: "^src/", pathNot: `^src/actions/|${pure}` },
    },
    {
      name: "plans-are-pure",
      comment: "A plan can be shown, tested and undone only if making it touches nothing.",
      severity: "error",
      from: { path: thinActions },
      to: { path: "^src/actions/", pathNot: thinActions },
    },
    {
      name: "sources-do-not-mix",
      comment:
        "Kubernetes, Prometheus and the demo are three ways to learn about a mesh; none may lean on another. The pure parser is shared: docs/adr/0005.",
      severity: "error",
      from: { path: "^src/data/(kubernetes|prometheus|demo)/" },
      to: { path: "^src/data/(kubernetes|prometheus|demo)/", pathNot: "^src/data/($1/|kubernetes/parse/)" },
    },
    {
      name: "cluster-gate",
      comment: "One place loads kubeconfigs and signs requests.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(data/kubernetes/|actions/cluster)" },
      to: { path: "@kubernetes/client-node" },
    },
    {
      name: "paint-gate",
      comment: "Only the dashboard paints.",
      severity: "error",
      from: { path: "^src/(data|actions)/" },
      to: { path: "node_modules/(ink|react)/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "root-is-a-leaf",
      comment: "main.tsx wires everything; nothing may lean on it.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/main" },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node"] },
  },
};
