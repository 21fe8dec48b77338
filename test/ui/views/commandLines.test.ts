import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { Patch } from "../../../src/actions/change.ts";
import { kubectlFor } from "../../../src/actions/kubectl.ts";
import { width } from "../../../src/ui/paint/width.ts";
import { commandLines } from "../../../src/ui/views/commandLines.ts";
import { planOf } from "../../support/steeringFixture.ts";

/** What a shell hands to kubectl, its input last; JSON as what it says, for white space in it is free. */
function wordsOf(command: string): readonly unknown[] {
  const script = `kubectl() { printf '%s\\0' "$@"; cat; }\n${command}\n`;
  const said = execFileSync("sh", ["-c", script], { input: "" }).toString();
  return said.split("\0").map((word) => (/^\s*[[{]/.test(word) ? (JSON.parse(word) as unknown) : word));
}

const [shift] = planOf([50, 50]).patches;
const created: Patch = {
  do: "create",
  ref: { group: "networking.istio.io", version: "v1", kind: "ServiceEntry", namespace: "shop", name: "api" },
  manifest: {
    kind: "ServiceEntry",
    spec: { hosts: ['it\'s, "quoted", a.b'], note: "a, b \\ c, \\", ports: [1, 2] },
  },
};

describe.each([
  ["a shift", shift!, "prod-eu"],
  ["a shift in a context with an odd name", shift!, "odd, 'name' of \"eu\""],
  ["a new object", created, "prod-eu"],
])("the command of %s", (_what, patch, context) => {
  const command = kubectlFor(patch, context);

  test.each([40, 60, 76, 116, 10_000])("broken for %d cells does the same in a shell", (cells) => {
    const lines = commandLines(command, cells);
    expect(wordsOf(lines.join("\n"))).toEqual(wordsOf(command));
  });

  test("fits the screen", () => {
    for (const line of commandLines(command, 76)) expect(width(line)).toBeLessThanOrEqual(76);
  });
});
