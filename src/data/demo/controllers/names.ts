/** Names that Kubernetes makes, and where pods run: the same in every run. */

/** Kubernetes leaves out vowels and look-alikes where it makes names (apimachinery util/rand). */
const letters = "bcdfghjklmnpqrstvwxz2456789";

/** A name part that depends on the text alone, so that every run has the same names. */
export function suffixOf(text: string, length: number): string {
  let hash = 0x811c9dc5;
  let suffix = "";
  for (let round = 0; suffix.length < length; round += 1) {
    for (const char of `${text}${round}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
    suffix += letters[hash % letters.length] ?? "";
  }
  return suffix;
}

/** Nodes of this cluster; a DaemonSet has a pod on each. */
export const nodeNames: readonly string[] = Array.from({ length: 3 }, (_, index) => `worker-${index + 1}`);

/** Which of the nodes a pod runs on, from 0; of a DaemonSet's pods each stands at its node's place. */
export const nodeIndexOf = (pod: string): number => letters.indexOf(suffixOf(pod, 1)) % nodeNames.length;

export const nodeOf = (pod: string): string => nodeNames[nodeIndexOf(pod)] ?? "";

/** A pod's address follows from its name. */
export function podAddress(pod: string): string {
  const part = (name: string): number => {
    const suffix = suffixOf(`${pod}/${name}`, 2);
    return (letters.indexOf(suffix.charAt(0)) * letters.length + letters.indexOf(suffix.charAt(1))) % 254;
  };
  return `10.244.${part("high")}.${part("low") + 1}`;
}
