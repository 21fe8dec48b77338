import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAnswer } from "../../../src/data/prometheus/parseAnswer.ts";

const element = fc.record({
  metric: fc.dictionary(
    fc.string(),
    fc.oneof(fc.string(), fc.constant(',{"metric":'), fc.constant('"result":[')),
  ),
  value: fc.tuple(fc.nat(), fc.constantFrom("0.5", "NaN", "+Inf")),
});

const bodyOf = (result: readonly unknown[], more: object = {}) => ({
  status: "success",
  data: { resultType: "vector", result },
  ...more,
});

/** So many elements that the text is parsed in several pieces. */
const many = (elements: readonly unknown[]): readonly unknown[] =>
  Array.from({ length: 12_000 }, (_, at) => elements[at % elements.length]);

test("a long answer reads as it does at one go, whatever strangers call their hosts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(element, { minLength: 1, maxLength: 5 }), async (elements) => {
      const text = JSON.stringify(bodyOf(many(elements), { warnings: ["slow"] }));
      expect(await parseAnswer(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 25 },
  );
});

test("other work gets its turn while a long answer is read", async () => {
  const text = JSON.stringify(bodyOf(many([{ metric: { reporter: "source" }, value: [1, "1"] }])));
  let turns = 0;
  let isRead = false;
  const count = (): void => {
    turns += 1;
    if (!isRead) setImmediate(count);
  };
  setImmediate(count);
  await parseAnswer(text);
  isRead = true;
  // One for each quarter of a million characters but the last.
  expect(turns).toBeGreaterThanOrEqual(Math.floor(text.length / 250_000) - 1);
});

test("a long text of another shape is read as a whole, and one that is cut is refused", async () => {
  const spaced = JSON.stringify(bodyOf(many([{ metric: { a: "b" }, value: [1, "1"] }])), null, 1);
  expect(await parseAnswer(spaced)).toEqual(JSON.parse(spaced));
  const odd = JSON.stringify({ status: "error", error: `,{"metric":${"x".repeat(600_000)}` });
  expect(await parseAnswer(odd)).toEqual(JSON.parse(odd));
  await expect(parseAnswer(spaced.slice(0, -20))).rejects.toThrow(SyntaxError);
  const whole = JSON.stringify(bodyOf(many([{ metric: { a: "b" }, value: [1, "1"] }])));
  await expect(parseAnswer(whole.slice(0, -20))).rejects.toThrow(SyntaxError);
});
