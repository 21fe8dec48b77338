import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDeepStrictEqual } from "node:util";
import { parse, parseDocument, stringify } from "yaml";
import { outboundModeIn, withOutboundMode } from "../../../src/actions/changes/meshYaml.ts";

const changed = (text: string) => {
  const next = withOutboundMode(text, "REGISTRY_ONLY");
  return next.ok ? next.value : next.error;
};

describe("The outbound mode in the mesh configuration", () => {
  test.each([
    [
      "plain",
      "a: 1\noutboundTrafficPolicy:\n  mode: ALLOW_ANY\nb: 2\n",
      "a: 1\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\nb: 2\n",
    ],
    [
      "in double quotes, with a comment",
      'outboundTrafficPolicy:\n  mode: "ALLOW_ANY" # why\n',
      'outboundTrafficPolicy:\n  mode: "REGISTRY_ONLY" # why\n',
    ],
    [
      "in single quotes",
      "outboundTrafficPolicy: {mode: 'ALLOW_ANY'}\n",
      "outboundTrafficPolicy: {mode: 'REGISTRY_ONLY'}\n",
    ],
    [
      "beside other fields of the block",
      "outboundTrafficPolicy:\n    # four\n    mode: ALLOW_ANY\n    x: 1\n",
      "outboundTrafficPolicy:\n    # four\n    mode: REGISTRY_ONLY\n    x: 1\n",
    ],
    [
      "not in the block",
      "outboundTrafficPolicy:\n  # why\n  x: 1\n",
      "outboundTrafficPolicy:\n  # why\n  mode: REGISTRY_ONLY\n  x: 1\n",
    ],
    [
      "not in an empty block",
      "outboundTrafficPolicy: {}\n",
      "outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n",
    ],
    [
      "not after the key",
      "outboundTrafficPolicy:\na: 1\n",
      "outboundTrafficPolicy: {mode: REGISTRY_ONLY}\na: 1\n",
    ],
    ["nowhere", "# top\na: 1 # one\n", "# top\na: 1 # one\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n"],
    ["nowhere, without a line end", "a: 1", "a: 1\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n"],
    [
      "nowhere, before an end marker",
      "a: 1\n...\n",
      "a: 1\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n...\n",
    ],
    [
      "nowhere, after a list that is not indented",
      "l:\n- 1\n- 2\n",
      "l:\n- 1\n- 2\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n",
    ],
    ["nowhere, and nothing else either", "", "outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n"],
    [
      "nowhere but in comments",
      "# outboundTrafficPolicy: later\n",
      "# outboundTrafficPolicy: later\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n",
    ],
    [
      "with Windows' line ends",
      "a: 1\r\noutboundTrafficPolicy:\r\n  mode: ALLOW_ANY\r\n",
      "a: 1\r\noutboundTrafficPolicy:\r\n  mode: REGISTRY_ONLY\r\n",
    ],
    [
      "in a mapping in braces",
      "{a: 1, outboundTrafficPolicy: {mode: ALLOW_ANY}}\n",
      "{a: 1, outboundTrafficPolicy: {mode: REGISTRY_ONLY}}\n",
    ],
  ])("%s: nothing else moves", (_case, before, after) => {
    expect(changed(before)).toBe(after);
  });

  test.each([
    ["YAML that istiod can't parse", "a: [1\n", /no valid YAML/],
    ["a list", "- 1\n", /no mapping/],
    [
      "an alias, which others share",
      "x: &p {mode: ALLOW_ANY}\noutboundTrafficPolicy: *p\n",
      /edit it by hand/,
    ],
    ["a mapping in braces without the block", "{a: 1}\n", /edit it by hand/],
    ["two documents", "a: 1\n---\nb: 2\n", /no valid YAML|edit it by hand/],
  ])("is not changed in %s", (_case, text, reason) => {
    expect(changed(text)).toMatch(reason);
  });

  /** With comment lines wherever they change nothing: not inside of texts. */
  const commented = (text: string, config: object, places: readonly number[]) =>
    places.reduce((sofar, at, i) => {
      const next = sofar
        .split("\n")
        .toSpliced(at, 0, `${" ".repeat(at % 5)}# why ${i}`)
        .join("\n");
      const { errors } = parseDocument(next);
      return errors.length === 0 && isDeepStrictEqual(parse(next) ?? {}, config) ? next : sofar;
    }, text);

  test("in any configuration, says what was asked, and every other line stays", () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
    );
    const configs = fc.record(
      {
        accessLogFile: value,
        defaultConfig: value,
        outboundTrafficPolicy: fc.record({ mode: fc.constantFrom("ALLOW_ANY", "nonsense") }),
        trustDomain: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        configs,
        fc.constantFrom(2, 4),
        fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"),
        fc.array(fc.nat(30), { maxLength: 6 }),
        (config, indent, type, places) => {
          const plain = `# head\n${stringify(config, { indent, defaultStringType: type as "PLAIN" })}# tail\n`;
          const text = commented(plain, config, places);
          const next = withOutboundMode(text, "REGISTRY_ONLY");
          if (!next.ok) {
            expect(Object.keys(config)).toEqual([]);
            return;
          }
          expect(outboundModeIn(next.value)).toBe("REGISTRY_ONLY");
          expect(parse(next.value)).toEqual({ ...config, outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
          const changedLines = text.split("\n").filter((line) => !next.value.split("\n").includes(line));
          expect(changedLines.length).toBeLessThanOrEqual(config.outboundTrafficPolicy === undefined ? 0 : 1);
        },
      ),
    );
  });
});
