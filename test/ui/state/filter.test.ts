import { describe, expect, test } from "vitest";
import { parseFilter, passes, whyLiteral } from "../../../src/ui/state/filter.ts";

const labels = { app: "web", tier: "front" };

describe("the filter grammar", () => {
  test.each([
    ["", true],
    ["WEB", true],
    ["^web.*12", true],
    ["catalog", false],
    ["!catalog", true],
    ["! web", false],
    ["web[", false],
    ["(webapp", false],
    ["-f wbp", true],
    ["-f pbw", false],
    ["-l app=web", true],
    ["-l app==web,tier!=back", true],
    ["-l app=web,tier=back", false],
    ["-l tier in (back, front)", true],
    ["-l tier notin (front)", false],
    ["-l nothing notin (x)", true],
    ["-l app,!canary", true],
    ["-l !app", false],
    ["app=web", true],
    ["app!=web", false],
    ["app=catalog", false],
  ])("%s on webapp 12.0/s: %s", (text, shown) => {
    expect(passes(parseFilter(text), "webapp istioinaction 12.0/s", labels)).toBe(shown);
  });

  test("a text that is no regular expression is searched as it stands", () => {
    expect(passes(parseFilter("a[b"), "xA[Bx", {})).toBe(true);
    expect(passes(parseFilter("*"), "5 * 3", {})).toBe(true);
  });

  test.each(["-l", "-l app in web", "-l a=b,,c"])("%s says what is wrong and hides nothing", (text) => {
    const filter = parseFilter(text);
    expect(filter.is).toBe("broken");
    expect(passes(filter, "anything", {})).toBe(true);
  });
});

describe("a filter that is no regular expression", () => {
  test.each(["a[", "!a[", "(", "web("])("%s is said to be taken as it is written", (text) => {
    expect(whyLiteral(text)).toContain("as it is written");
  });

  test.each(["", "web", "web.*", "!web", "-l app=web", "-l", "-f a["])("%s needs no word", (text) => {
    expect(whyLiteral(text)).toBeNull();
  });
});
