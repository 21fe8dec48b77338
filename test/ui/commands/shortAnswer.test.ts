import { expect, test } from "vitest";
import { shortAnswer } from "../../../src/ui/commands/shortAnswer.ts";

test.each([[["--version"]], [["-V"]], [["version"]]])("%j is answered with the version", (argv) => {
  expect(shortAnswer(argv, "1.2.3")).toBe("meshtop 1.2.3\n");
});

test.each([[["--help"]], [["help"]], [["get", "services", "-h"]]])("%j is answered with the help", (argv) => {
  expect(shortAnswer(argv, "1.2.3")).toContain("meshtop get VIEW");
});

test.each([[[]], [["demo"]], [["get", "services"]], [["nonsense"]], [["--nonsense"]]])(
  "%j needs the rest of the program",
  (argv) => {
    expect(shortAnswer(argv, "1.2.3")).toBeNull();
  },
);
