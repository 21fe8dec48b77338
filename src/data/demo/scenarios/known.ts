import { bookinfo } from "./bookinfo.ts";
import { coolstore } from "./coolstore.ts";
import { coolstoreVariants } from "./coolstore/variants.ts";
import { fleetman } from "./fleetman.ts";
import { helloworld } from "./helloworld.ts";
import { httpbin } from "./httpbin.ts";
import type { Scenario } from "./scenario.ts";
import { tcpEcho } from "./tcpEcho.ts";
import type { Story } from "./variant.ts";

/** Every scenario with its variants, by its name. */
export const stories: ReadonlyMap<string, Story> = new Map(
  [{ base: coolstore, variants: coolstoreVariants }, bookinfo, fleetman, helloworld, httpbin, tcpEcho].map(
    (story) => [story.base.name, story],
  ),
);

/** A scenario as it is, or as a variant has it; `null` where there is none of this name. */
export function scenarioOf(name: string, variant: string | null): Scenario | null {
  const story = stories.get(name);
  if (story === undefined || variant === null) return story?.base ?? null;
  return story.variants.find((one) => one.name === variant)?.of(story.base) ?? null;
}
