import fc from "fast-check";
import { expect, test } from "vitest";
import { interleave, type Step } from "../support/interleaved.ts";
import { scenes } from "../support/interleavedScenes.ts";
import { inBothWorlds } from "../support/kubeWorlds.ts";
import { inFolder } from "../support/writePath.ts";

/** Thousands, where there is time for them: `MESHTOP_INTERLEAVINGS=3000`. */
const RUNS = Number(process.env["MESHTOP_INTERLEAVINGS"] ?? 200);
/** A real server is slower, and shows whether it tells a conflict in the same cases. */
const REAL_RUNS = Math.ceil(RUNS / 20);

inBothWorlds("Whoever writes between any two of our requests, and whatever gets lost", (world) => {
  test.each(Object.entries(scenes))(
    "%s and its undo write nothing over, and what is told is true",
    async (_name, scene) => {
      const isReal = world().url.startsWith("https:");
      const met = new Map<string, number>();
      const steps: fc.Arbitrary<readonly Step[]> = fc.array(
        fc.record({
          other: fc.oneof(
            { weight: 4, arbitrary: fc.constant("nothing") },
            { weight: 1, arbitrary: fc.constantFrom(...Object.keys(scene.others)) },
          ),
          fate: fc.oneof(
            { weight: 8, arbitrary: fc.constant("arrives" as const) },
            { weight: 1, arbitrary: fc.constantFrom("lost before" as const, "lost after" as const) },
          ),
        }),
        { minLength: 60, maxLength: 60 },
      );
      await fc.assert(
        fc.asyncProperty(steps, (schedule) =>
          inFolder((folder) => interleave(scene, world(), { steps: schedule, folder, met })),
        ),
        { numRuns: isReal ? REAL_RUNS : RUNS },
      );
      // The schedules reach every end.
      if (!isReal) expect([...met.keys()]).toEqual(expect.arrayContaining(["applied", "conflict"]));
    },
    1_800_000,
  );
});
