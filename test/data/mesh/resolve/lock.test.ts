import { describe, expect, test } from "vitest";
import type { ClientTlsMode } from "../../../../src/data/mesh/declared/routing.ts";
import type { MtlsMode } from "../../../../src/data/mesh/declared/security.ts";
import { predictLock, type LockInput, type Proxy } from "../../../../src/data/mesh/resolve/lock.ts";

interface Case {
  readonly client?: Proxy;
  readonly tls?: ClientTlsMode | null;
  readonly server?: Proxy;
  readonly mode?: MtlsMode;
  readonly namespaceMode?: MtlsMode;
  readonly speaksTls?: boolean;
  readonly autoMtls?: boolean;
  readonly allSidecars?: boolean | null;
}

function predicted(given: Case): ReturnType<typeof predictLock> {
  const mode = given.mode ?? "PERMISSIVE";
  const server: LockInput["server"] = {
    is: "workload",
    proxy: given.server ?? "sidecar",
    mode,
    namespaceMode: given.namespaceMode ?? mode,
    speaksTls: given.speaksTls ?? null,
    ...("allSidecars" in given ? { allSidecars: given.allSidecars } : {}),
  };
  const client = { proxy: given.client ?? "sidecar", tls: given.tls ?? null };
  return predictLock({ client, server, autoMtls: given.autoMtls ?? true });
}

describe("the table of istio.md 5: what arrives at a server with a sidecar", () => {
  test.each([
    ["sidecar, no DestinationRule tls", {}, "mtls", "mtls", "plaintext"],
    ["DestinationRule DISABLE", { tls: "DISABLE" }, "broken", "plaintext", "plaintext"],
    ["DestinationRule ISTIO_MUTUAL", { tls: "ISTIO_MUTUAL" }, "mtls", "mtls", "broken"],
    ["DestinationRule SIMPLE: no client certificate", { tls: "SIMPLE" }, "broken", "broken", null],
    ["DestinationRule MUTUAL: somebody else's certificates", { tls: "MUTUAL" }, "broken", "broken", null],
    ["no sidecar, NodePort, direct scrape", { client: "none" }, "broken", "plaintext", "plaintext"],
    ["a gateway is a client like a sidecar", { client: "gateway" }, "mtls", "mtls", "plaintext"],
    ["automatic mTLS switched off", { autoMtls: false }, "broken", "plaintext", "plaintext"],
  ] as const)("%s", (_, given, strict, permissive, disable) => {
    expect(predicted({ ...given, mode: "STRICT" })).toBe(strict);
    expect(predicted({ ...given, mode: "PERMISSIVE" })).toBe(permissive);
    expect(predicted({ ...given, mode: "DISABLE" })).toBe(disable);
  });

  test("namespace DISABLE with workload STRICT is broken: the client has no TLS context", () => {
    expect(predicted({ mode: "STRICT", namespaceMode: "DISABLE" })).toBe("broken");
  });

  test("namespace STRICT with a port that is DISABLE is plaintext on that port: endpoints say it one by one", () => {
    expect(predicted({ mode: "DISABLE", namespaceMode: "STRICT" })).toBe("plaintext");
  });

  test("SIMPLE to an application that serves TLS itself works, and is no lock of the mesh's", () => {
    expect(predicted({ tls: "SIMPLE", mode: "PERMISSIVE", speaksTls: true })).toBeNull();
    expect(predicted({ tls: "SIMPLE", mode: "STRICT", speaksTls: true })).toBe("broken");
  });
});

describe("a headless Service, whose pods callers dial: automatic mTLS is for all of them or for none", () => {
  test.each([
    ["all have a sidecar", { allSidecars: true }, "mtls", "mtls"],
    ["one has none: the others are sent plaintext too", { allSidecars: false }, "broken", "plaintext"],
    ["nobody knows of some", { allSidecars: null }, null, null],
    ["what a DestinationRule says is not asked", { allSidecars: false, tls: "ISTIO_MUTUAL" }, "mtls", "mtls"],
    ["nor is a client without a proxy", { allSidecars: true, client: "none" }, "broken", "plaintext"],
    [
      "nor does it matter where automatic mTLS is off",
      { allSidecars: null, autoMtls: false },
      "broken",
      "plaintext",
    ],
  ] as const)("%s", (_, given, strict, permissive) => {
    expect(predicted({ ...given, mode: "STRICT" })).toBe(strict);
    expect(predicted({ ...given, mode: "PERMISSIVE" })).toBe(permissive);
  });

  test("the pod without a sidecar gets the plaintext that it takes", () => {
    expect(predicted({ allSidecars: false, server: "none", mode: "STRICT" })).toBe("plaintext");
  });

  test("a workload or a port that says DISABLE is sent TLS all the same, for no endpoint is asked by itself", () => {
    const given = { allSidecars: true, mode: "DISABLE", namespaceMode: "PERMISSIVE" } as const;
    expect(predicted(given)).toBe("broken");
    // A gateway has the endpoints, and asks each of them.
    expect(predicted({ ...given, client: "gateway" })).toBe("plaintext");
  });

  test("a namespace that says DISABLE leaves the client without TLS", () => {
    expect(predicted({ allSidecars: true, mode: "DISABLE" })).toBe("plaintext");
    expect(predicted({ allSidecars: null, mode: "DISABLE" })).toBe("plaintext");
  });
});

describe("a server without a sidecar", () => {
  test.each([
    ["automatic mTLS falls back to plaintext", {}, "plaintext"],
    ["even where STRICT is written: nobody is there to refuse", { mode: "STRICT" }, "plaintext"],
    ["ISTIO_MUTUAL to it is broken", { tls: "ISTIO_MUTUAL" }, "broken"],
    ["SIMPLE is between client and application", { tls: "SIMPLE" }, null],
  ] as const)("%s", (_, given, expected) => {
    expect(predicted({ ...given, server: "none" })).toBe(expected);
  });
});

describe("what cannot be predicted is not predicted", () => {
  test("an unknown proxy on either side", () => {
    expect(predicted({ client: "unknown" })).toBeNull();
    expect(predicted({ server: "unknown" })).toBeNull();
  });

  test.each([
    [null, "plaintext"],
    ["DISABLE", "plaintext"],
    ["SIMPLE", null],
    ["MUTUAL", null],
    ["ISTIO_MUTUAL", "broken"],
  ] as const)("to the outside with tls %s: %s (its TLS is not the mesh's)", (tls, expected) => {
    const client = { proxy: "sidecar", tls } as const;
    expect(predictLock({ client, server: { is: "external" }, autoMtls: true })).toBe(expected);
  });
});

describe("ambient (istio.md 5): HBONE is always mTLS, DISABLE is ignored", () => {
  test.each([
    ["between ztunnels, although DISABLE is written", { client: "ambient", mode: "DISABLE" }, "mtls"],
    ["STRICT refuses whoever comes without", { client: "none", mode: "STRICT" }, "broken"],
    ["PERMISSIVE takes plaintext", { client: "none", mode: "PERMISSIVE" }, "plaintext"],
  ] as const)("%s", (_, given, expected) => {
    expect(predicted({ ...given, server: "ambient" })).toBe(expected);
  });
});
