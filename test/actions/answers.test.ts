import { describe, expect, test } from "vitest";
import { readAnswer, refusalOf } from "../../src/actions/answers.ts";
import { fail, ok } from "../../src/data/mesh/result.ts";
import { cut } from "../support/writePath.ts";

const answered = (status: number, message: string | null) =>
  ok({ status, json: message === null ? null : { kind: "Status", message }, warnings: [] });
const webhook =
  'Internal error occurred: failed calling webhook "rev.validation.istio.io": context deadline exceeded';

describe("An answer to a write is", () => {
  test.each([
    ["a conflict", 409, "the object has been modified", "conflict"],
    [
      "a conflict where a test of the patch failed",
      422,
      "the server rejected our request due to an error in our request",
      "conflict",
    ],
    ["a no where the schema says so", 422, "spec.http: Invalid value", "invalid"],
    ["a no where a webhook says so", 400, 'admission webhook "x" denied the request: no', "invalid"],
    ["a no where a webhook could not be asked: nothing is stored before it", 500, webhook, "invalid"],
    ["a riddle where the storage was too slow", 500, "etcdserver: request timed out", "unknown"],
    ["a riddle where something in between gave up", 504, null, "unknown"],
    ["a riddle where something in between was tired of waiting", 408, null, "unknown"],
    ["nothing sent where the server is too busy", 429, "too many requests", "unreachable"],
    ["no right", 403, "forbidden", "forbidden"],
    ["gone", 404, "not found", "gone"],
    ["a no from a server that sends elsewhere", 307, null, "invalid"],
  ] as const)("%s (%j)", (_what, status, message, is) => {
    expect(refusalOf(answered(status, message), "VirtualService shop/catalog", "for real").is).toBe(is);
  });

  test("no riddle in a dry run, which changes nothing", () => {
    for (const answer of [answered(504, null), answered(500, "etcdserver: request timed out"), fail(cut)])
      expect(refusalOf(answer, "x", "dry run").is).toBe("unreachable");
  });

  test("a riddle where none came, and nothing sent where there was no credential to send", () => {
    expect(refusalOf(fail(cut), "x", "for real").is).toBe("unknown");
    expect(refusalOf(fail({ ...cut, kind: "unauthorized" }), "x", "for real").is).toBe("forbidden");
  });
});

test("Warning headers are told each, with commas and quotes in them, and without what would move the cursor", async () => {
  const header = String.raw`299 - "weights, \"all\" of them", 299 - "a${"\u001b"}[2Jb"`;
  const response = { status: 200, headers: { get: () => header }, text: () => Promise.resolve("{}") };
  const answer = await readAnswer(() => Promise.resolve(ok(response)), "/", 1000);
  const [first, second = "", ...more] = answer.ok ? answer.value.warnings : [];
  expect(first).toBe('weights, "all" of them');
  expect(second).toMatch(/^a.*b$/);
  expect(second).not.toContain("\u001b");
  expect(more).toEqual([]);
});

test("A body that is cut short is no answer", async () => {
  const response = {
    status: 200,
    headers: { get: () => null },
    text: () => Promise.reject(new Error("cut")),
  };
  const answer = await readAnswer(() => Promise.resolve(ok(response)), "/", 1000);
  expect(answer).toMatchObject({ ok: false, error: { kind: "unreachable" } });
});
