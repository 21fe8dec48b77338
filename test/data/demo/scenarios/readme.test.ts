import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scenarioOf } from "../../../../src/data/demo/scenarios/known.ts";

test("the README starts meshes that there are", () => {
  const readme = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");
  const started = [...readme.matchAll(/npm run demo -- (\S+) --variant ([\w-]+)/g)];
  expect(started).not.toEqual([]);
  for (const [command, name = "", variant = ""] of started)
    expect(scenarioOf(name, variant), command).not.toBeNull();
});
