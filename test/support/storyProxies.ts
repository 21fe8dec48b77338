/** What a story's istiods and proxies say of themselves, asked as the program itself asks: through pods/portforward. */
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { connect } from "../../src/data/kubernetes/connect.ts";
import { instant } from "../../src/data/mesh/units.ts";
import { proxyReader, type ProxyReader } from "../../src/data/proxyReader.ts";
import { declaredIn, meshIn } from "./storyMesh.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";

export interface StoryProxies {
  readonly reader: ProxyReader;
  readonly mesh: Mesh;
}

/** Starts a story, lets `look` see it after its ten minutes, and ends it. */
export async function withProxiesOf<T>(
  scenario: string,
  variant: string | null,
  look: (story: StoryProxies) => Promise<T>,
): Promise<T> {
  const at = Math.floor(Date.now() / 5_000) * 5_000;
  const started = await startDemo({ scenario, variant, seed: 1, clock: () => at });
  if (!started.ok) throw new Error(started.error.message);
  try {
    const { kubeconfig } = started.value;
    const connection = await connect({ kubeconfig: { text: kubeconfig }, context: null });
    const declared = await declaredIn(kubeconfig);
    const reader = proxyReader(connection, { declared: () => declared, now: () => instant(at) });
    const { mesh } = await meshIn(started.value, at, 300_000);
    return await look({ reader, mesh });
  } finally {
    await started.value.stop();
  }
}
