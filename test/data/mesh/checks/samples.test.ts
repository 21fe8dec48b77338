/** Istio's own samples, each judged by Istio's rules: what is found must be true, and what is healthy has nothing. */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { declaredFromManifests } from "../../../../src/data/kubernetes/parse/manifests.ts";
import { readManifestFiles } from "../../../../src/data/manifestFiles.ts";
import { knownMesh } from "../../../../src/data/mesh/build/knownMesh.ts";
import { checkDeclared } from "../../../../src/data/mesh/checks/runChecks.ts";
import type { Declared } from "../../../../src/data/mesh/declared/declared.ts";
import { nameOf } from "../../../../src/data/mesh/declared/meta.ts";
import { manifestFolder, samplesAbsent } from "../../../support/istioSampleFiles.ts";

const absent = samplesAbsent();

function declaredIn(...files: readonly string[]): Declared {
  const documents = readManifestFiles(files.map((file) => resolve(manifestFolder, `${file}.yaml`)));
  if (!documents.ok) throw new Error(documents.error.message);
  return declaredFromManifests(documents.value, "default");
}

const foundIn = (declared: Declared): readonly string[] =>
  checkDeclared(knownMesh(declared)).map(
    ({ code, severity, object, path }) => `${code} ${severity} ${nameOf(object)} ${path}`,
  );

/** Versions that Bookinfo's rules are ready for and that bookinfo.yaml does not deploy: no route uses them. */
const notDeployed = [
  "MT0302 info DestinationRule default/details spec.subsets[1]",
  "MT0302 info DestinationRule default/ratings spec.subsets[1]",
  "MT0302 info DestinationRule default/ratings spec.subsets[2]",
  "MT0302 info DestinationRule default/ratings spec.subsets[3]",
];
const bookinfo = ["bookinfo", "bookinfo-destination-rules", "bookinfo-gateway"];

/** Files that are applied together, and what is wrong with them. */
const together: readonly (readonly [files: readonly string[], found: readonly string[]])[] = [
  [bookinfo, notDeployed],
  [[...bookinfo, "bookinfo-reviews-90-10"], notDeployed],
  [[...bookinfo, "bookinfo-reviews-jason"], notDeployed],
  [["bookinfo", "bookinfo-reviews-90-10"], []],
  [["helloworld", "helloworld-gateway"], []],
  [["httpbin", "httpbin-fortio"], []],
  [["tcp-echo-services", "tcp-echo-20-v2"], []],
];

describe.skipIf(absent !== null)(`Istio's samples${absent === null ? "" : ` (${absent})`}`, () => {
  const names =
    absent === null ? readdirSync(manifestFolder).map((name) => name.replace(".yaml", "")) : ["-"];

  test.each(names)("%s alone says nothing that what it lacks could not mend", (name) => {
    expect(foundIn(declaredIn(name))).toEqual([]);
  });

  test.each(together)("%j together", (files, found) => {
    expect(foundIn(declaredIn(...files))).toEqual(found);
  });

  test("in a cluster that holds nothing else, what they ask for is missed", () => {
    const whole = (...files: readonly string[]) =>
      foundIn({ ...declaredIn(...files), fromFiles: false, kinds: [] });
    // No pod has started yet, and no gateway is installed.
    expect(whole("helloworld", "helloworld-gateway")).toEqual([
      "MT0102 error VirtualService default/helloworld spec.http[0].route[0]",
      "MT0402 error Gateway default/helloworld-gateway spec.selector",
    ]);
    // Its Gateway and its DestinationRule are in files of their own; without the first nobody tries the route.
    expect(whole("tcp-echo-services", "tcp-echo-20-v2")).toEqual([
      "MT0106 error VirtualService default/tcp-echo spec.gateways[0]",
    ]);
    expect(whole("bookinfo-reviews-90-10")).toEqual([
      "MT0105 error VirtualService default/reviews spec.http[0].route[0]",
      "MT0105 error VirtualService default/reviews spec.http[0].route[1]",
    ]);
    // Without the DestinationRules there are no subsets; that no pod has started is not the first thing to mend.
    expect(whole("bookinfo", "bookinfo-reviews-90-10")).toEqual([
      "MT0101 error VirtualService default/reviews spec.http[0].route[0]",
      "MT0101 error VirtualService default/reviews spec.http[0].route[1]",
    ]);
  });
});
