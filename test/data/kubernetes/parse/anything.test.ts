import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { kinds } from "../../../../src/data/kubernetes/parse/kinds.ts";
import { parseDuration } from "../../../../src/data/mesh/duration.ts";
import { manifestFolder, samplesAbsent } from "../../../support/istioSampleFiles.ts";
import { parseObject } from "../support/parsed.ts";

const absent = samplesAbsent();

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

function manifestsIn(file: string): readonly Manifest[] {
  const documents = parseAllDocuments(readFileSync(join(manifestFolder, file), "utf8"));
  return documents.flatMap((document) => {
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

describe.skipIf(absent !== null)(
  `Istio's own samples${absent === null ? "" : ` (skipped: ${absent})`}`,
  () => {
    test.each(absent === null ? readdirSync(manifestFolder) : [])("%s is read without a finding", (file) => {
      const known = manifestsIn(file).flatMap((object) => {
        const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0] : "";
        const kind = kinds.find((candidate) => candidate.kind === object.kind && candidate.group === group);
        return kind === undefined ? [] : [{ kind, object }];
      });
      expect(known.length).toBeGreaterThan(0);
      const findings = known
        .map(({ kind, object }) => parseObject(kind, object))
        .filter((result) => !result.ok);
      expect(findings).toEqual([]);
    });
  },
);

/** JSON whose members have the names that the parsers look for, so that it gets past the first step. */
function jsonLike(depth: number): fc.Arbitrary<unknown> {
  const names = [
    ..."metadata spec status name namespace labels annotations ownerReferences host hosts http tcp tls route match destination".split(
      " ",
    ),
    ..."weight mirror mirrors percentage value fault delay abort timeout subsets trafficPolicy outlierDetection selector".split(
      " ",
    ),
    ..."matchLabels mtls mode portLevelMtls data mesh endpoints subsets addresses rules backendRefs filters parents conditions".split(
      " ",
    ),
    ..."analysis metrics steps strategy canary template containers ports port number servers __proto__ constructor".split(
      " ",
    ),
  ];
  const leaf = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.constantFrom("10s", "STRICT", "a: [", "\u001b]0;x\u0007"),
  );
  if (depth === 0) return leaf;
  const inner = jsonLike(depth - 1);
  return fc.oneof(
    { weight: 1, arbitrary: leaf },
    { weight: 2, arbitrary: fc.array(inner, { maxLength: 3 }) },
    {
      weight: 6,
      arbitrary: fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), inner, { maxKeys: 6 }),
    },
  );
}

describe("whatever JSON a server sends", () => {
  test.each(kinds.map((kind) => [kind.kind, kind] as const))(
    "reading it as %s gives values or a finding, never an exception",
    (_, kind) => {
      fc.assert(
        fc.property(jsonLike(5), fc.boolean(), (anything, named) => {
          const object =
            named && typeof anything === "object" && anything !== null
              ? { ...anything, metadata: { name: "x", namespace: "y" } }
              : anything;
          const result = parseObject(kind, object);
          if (!result.ok) {
            expect(result.error.code).toBe("MT0001");
            expect(result.error.message).not.toBe("");
          }
          // eslint-disable-next-line no-control-regex
          expect(JSON.stringify(result)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]|\\u001b/);
        }),
        { numRuns: 300 },
      );
    },
  );

  test("no text is taken for a duration that Go would not take", () => {
    for (const text of ["", "10", "s", "10 s", "1d", "1h30", "ten", "1m1", "++1s", "1e3s"])
      expect(parseDuration(text)).toBeNull();
    expect(parseDuration("-1.5h")).toBe(-5_400_000);
    expect(parseDuration("+2m")).toBe(120_000);
    expect(parseDuration("0")).toBe(0);
  });

  test("a duration of whole milliseconds is read back as written", () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(`${ms}ms`) === ms));
  });
});
