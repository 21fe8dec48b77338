import { expect, test } from "vitest";
import { answerWord, grpcStatusName } from "../../../src/ui/columns/grpcStatuses.ts";

test.each([
  ["grpc 1", "CANCELLED"],
  ["grpc 4", "DEADLINE_EXCEEDED"],
  ["grpc 7", "PERMISSION_DENIED"],
  ["grpc 8", "RESOURCE_EXHAUSTED"],
  ["grpc 12", "UNIMPLEMENTED"],
  ["grpc 13", "INTERNAL"],
  ["grpc 14", "UNAVAILABLE"],
  ["grpc 16", "UNAUTHENTICATED"],
])("%s is %s", (code, name) => {
  expect(grpcStatusName(code)).toBe(name);
  expect(answerWord(code)).toBe(`${code} ${name}`);
});

test.each(["503", "14", "grpc 17", "grpc 140", "grpc x", ""])(
  "%j has no name, and stays as it is",
  (code) => {
    expect(grpcStatusName(code)).toBeNull();
    expect(answerWord(code)).toBe(code);
  },
);
