import { describe, expect, test } from "vitest";
import type { Finding } from "../../../src/data/mesh/finding.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { parseCommand, type CheckCommand } from "../../../src/ui/commands/parseCommand.ts";
import { performCheck, type Checked } from "../../../src/ui/commands/performCheck.ts";
import { coolstore, refOf } from "../../support/meshFixture.ts";

const finding = (severity: Finding["severity"], namespace: string): Finding => ({
  code: "MT0101",
  severity,
  object: refOf("VirtualService", namespace, "catalog"),
  path: "spec.http[0].route[0]",
  message: "Nobody defines subset v9.",
  advice: "Define it.",
});

function command(...words: readonly string[]): CheckCommand {
  const parsed = parseCommand(["check", ...words]);
  if (!parsed.ok || parsed.value.is !== "check") throw new Error("no check");
  return parsed.value;
}

async function checked(
  findings: readonly Finding[],
  rest: Partial<Checked> = {},
  ...words: readonly string[]
) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = await performCheck(
    command(...words),
    ok({ mesh: coolstore({ findings }), missing: [], isPartial: false, namespace: null, ...rest }),
    {
      print: (text) => {
        printed.push(text);
        return Promise.resolve();
      },
      complain: (sentence) => void complaints.push(sentence),
    },
  );
  return { code, printed, complaints };
}

describe("the exit code of a check", () => {
  test("is 1 where an error was found, and stderr counts what there is", async () => {
    const { code, complaints } = await checked([
      finding("warning", "a"),
      finding("error", "b"),
      finding("warning", "c"),
      finding("info", "d"),
    ]);
    expect(code).toBe(1);
    expect(complaints).toEqual(["1 error, 2 warnings, 1 info; docs/checks.md says what each code means."]);
  });

  test("is 0 for warnings alone, and for nothing at all", async () => {
    expect((await checked([finding("warning", "a"), finding("info", "a")])).code).toBe(0);
    expect(await checked([])).toEqual({
      code: 0,
      printed: ["nothing to show"],
      complaints: ["No finding in what was read."],
    });
  });

  test("is 1 where a part could not be read: what was not looked at is not in order", async () => {
    const { code, complaints } = await checked([], { isPartial: true, missing: ["Not shown: pods."] });
    expect({ code, complaints }).toEqual({
      code: 1,
      complaints: ["Not shown: pods.", "No finding in what was read."],
    });
  });

  test("counts the namespace that was asked for alone", async () => {
    const { code, printed } = await checked([finding("error", "b")], { namespace: "a" }, "-n", "a");
    expect({ code, printed }).toEqual({ code: 0, printed: ["nothing to show"] });
  });

  test("is 2 without a cluster or a file", async () => {
    const complaints: string[] = [];
    const error = { kind: "config", message: "a.yaml: there is no such file.", advice: null } as const;
    const code = await performCheck(command(), fail(error), {
      print: () => Promise.reject(new Error("nothing is printed")),
      complain: (sentence) => void complaints.push(sentence),
    });
    expect({ code, complaints }).toEqual({ code: 2, complaints: ["a.yaml: there is no such file."] });
  });
});

test("-o json names the object, the field, what to do, and what others call it", async () => {
  const { printed } = await checked([finding("error", "shop")], {}, "-o", "json");
  expect(JSON.parse(printed.join(""))).toEqual([
    {
      code: "MT0101",
      severity: "error",
      object: { group: "networking.istio.io", kind: "VirtualService", namespace: "shop", name: "catalog" },
      path: "spec.http[0].route[0]",
      message: "Nobody defines subset v9.",
      advice: "Define it.",
      alike: ["KIA1107", "IST0101"],
    },
  ]);
});
