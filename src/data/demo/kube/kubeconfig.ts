/**
 * A kubeconfig for the embedded server. `insecure-skip-tls-verify` says nothing about http, but client-node refuses an http
 * server without it.
 */
export function kubeconfigFor(url: string, context = "meshtop-demo"): string {
  return [
    "apiVersion: v1",
    "kind: Config",
    `current-context: ${context}`,
    "clusters:",
    `  - name: ${context}`,
    "    cluster:",
    `      server: ${url}`,
    "      insecure-skip-tls-verify: true",
    "users:",
    "  - name: demo",
    "    user:",
    `      token: ${demoToken}`,
    "contexts:",
    `  - name: ${context}`,
    `    context: { cluster: ${context}, user: demo }`,
    "",
  ].join("\n");
}

/** Opens nothing: the server listens on loopback and holds a simulation. */
export const demoToken = "demo";
