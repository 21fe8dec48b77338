/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestampOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
