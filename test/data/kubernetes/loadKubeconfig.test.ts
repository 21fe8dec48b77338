import { describe, expect, test } from "vitest";
import { loadTarget, type KubeconfigSource } from "../../../src/data/kubernetes/loadKubeconfig.ts";
import { explain, type DataError } from "../../../src/data/mesh/result.ts";
import { home, kubeconfig, testMachine, type TestMachineOptions } from "./support/testMachine.ts";

async function load(
  options: TestMachineOptions,
  source: KubeconfigSource = { env: true },
  context: string | null = null,
) {
  const target = await loadTarget(testMachine(options), source, context);
  if (!target.ok) throw new Error(target.error.message);
  return target.value;
}

async function refuse(
  options: TestMachineOptions,
  source: KubeconfigSource = { env: true },
  context: string | null = null,
): Promise<DataError> {
  const target = await loadTarget(testMachine(options), source, context);
  if (target.ok) throw new Error("It was loaded.");
  return target.error;
}

const standard = `${home}/.kube/config`;
const a = "{server: 'https://a:6443'}";
const b = "{server: 'https://b:6443'}";

describe("a kubeconfig", () => {
  test("is found at ~/.kube/config where KUBECONFIG says nothing", async () => {
    expect(await load({ files: { [standard]: kubeconfig(a) } })).toMatchObject({
      source: standard,
      contextName: "prod",
    });
  });

  test("KUBECONFIG goes before it, and its missing files are passed over", async () => {
    const files = { [standard]: kubeconfig(a), "/etc/k": kubeconfig(b) };
    const target = await load({ env: { KUBECONFIG: "/gone:/etc/k" }, files });
    expect(target.cluster.server).toBe("https://b:6443");
  });

  test("of several files the first wins, name by name, as in kubectl", async () => {
    const first = "current-context: two\nclusters: [{name: c, cluster: {server: 'https://first'}}]";
    const second = [
      "current-context: one",
      "clusters: [{name: c, cluster: {server: 'https://second'}}, {name: d, cluster: {server: 'https://d'}}]",
      "users: [{name: u, user: {token: t}}]",
      "contexts: [{name: one, context: {cluster: d, user: u}}, {name: two, context: {cluster: c, user: u, namespace: shop}}]",
    ].join("\n");
    const target = await load({ env: { KUBECONFIG: "/1:/2" }, files: { "/1": first, "/2": second } });
    expect(target).toMatchObject({ contextName: "two", namespace: "shop", source: "/1, /2" });
    expect(target.cluster.server).toBe("https://first");
    expect(target.user.token).toBe("t");
  });

  test("paths in it are relative to the file that holds them", async () => {
    const user =
      "{client-certificate: certs/me.pem, client-key: /abs/key, tokenFile: token, exec: {command: ./bin/login, apiVersion: v1}}";
    const { cluster, user: read } = await load({
      files: { [standard]: kubeconfig("{server: 'https://a', certificate-authority: ca.pem}", user) },
    });
    expect(cluster.ca.file).toBe(`${home}/.kube/ca.pem`);
    expect(read.cert.file).toBe(`${home}/.kube/certs/me.pem`);
    expect(read.key.file).toBe("/abs/key");
    expect(read.tokenFile).toBe(`${home}/.kube/token`);
    expect(read.exec?.command).toBe(`${home}/.kube/bin/login`);
  });

  test("a plugin that is a bare name is looked for on PATH", async () => {
    const { user } = await load({
      files: {
        [standard]: kubeconfig(
          a,
          "{exec: {command: aws, args: [eks, get-token], env: [{name: A, value: b}]}}",
        ),
      },
    });
    expect(user.exec).toMatchObject({ command: "aws", args: ["eks", "get-token"], env: { A: "b" } });
  });

  test("impersonation with groups becomes headers", async () => {
    const { user } = await load({
      files: {
        [standard]: kubeconfig(
          a,
          "{token: t, as: jane, as-groups: [dev, ops], as-user-extra: {reason: [x]}}",
        ),
      },
    });
    expect(user.impersonate).toEqual([
      ["Impersonate-User", "jane"],
      ["Impersonate-Group", "dev"],
      ["Impersonate-Group", "ops"],
      ["Impersonate-Extra-reason", "x"],
    ]);
  });

  test("in a pod without one, the service account is used", async () => {
    const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    const files = { [`${folder}/token`]: "t", [`${folder}/namespace`]: "shop\n" };
    const target = await load({
      env: { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" },
      files,
    });
    expect(target.cluster.server).toBe("https://[fd00::1]:443");
    expect(target).toMatchObject({ namespace: "shop", user: { tokenFile: `${folder}/token` } });
    expect(target.cluster.ca.file).toBe(`${folder}/ca.crt`);
  });
});

describe("a kubeconfig that does not work", () => {
  const sentence = async (...parameters: Parameters<typeof refuse>): Promise<string> =>
    explain(await refuse(...parameters));

  test("because it is missing is named, with what else can be done", async () => {
    expect(await sentence({})).toBe(
      `There is no kubeconfig at ${standard}. Name one with KUBECONFIG or --kubeconfig, or try 'meshtop demo', which needs no cluster.`,
    );
    expect(await sentence({ env: { KUBECONFIG: "/x:/y" } })).toContain("There is no kubeconfig at /x or /y.");
    expect(await sentence({}, { paths: ["/given"] })).toContain("There is no kubeconfig at /given.");
  });

  test("because it may not be read", async () => {
    expect(await sentence({ files: { "/k": "EACCES" } }, { paths: ["/k"] })).toBe(
      "/k can't be read: you may not read it. Check its permissions.",
    );
  });

  test("because it is not YAML, with the line", async () => {
    expect(await sentence({ files: { "/k": "a: 1\nb: 2\nc: 'x\n" } }, { paths: ["/k"] })).toMatch(
      /^\/k is not valid YAML: line [34] can't be read\./,
    );
  });

  test("because a field is of the wrong type, without repeating its value", async () => {
    const said = await sentence({ files: { "/k": kubeconfig(a, "{token: [s3cret]}") } }, { paths: ["/k"] });
    expect(said).toContain("/k is not a kubeconfig: users[0].user.token is a list, not a string.");
    expect(said).not.toContain("s3cret");
  });

  test("because the context is unknown, with the known ones", async () => {
    const files = { [standard]: kubeconfig(a) };
    expect(await sentence({ files }, { env: true }, "stage")).toBe(
      `${standard} has no context "stage". Choose one of these with --context: prod.`,
    );
  });

  test("because it names no current context", async () => {
    const files = { [standard]: kubeconfig(a).replace("current-context: prod", "") };
    expect(await sentence({ files })).toBe(
      `${standard} names no current context. Choose one of these with --context: prod.`,
    );
  });

  test("because it is empty", async () => {
    expect(await sentence({ files: { [standard]: "" } })).toBe(`${standard} names no current context.`);
  });

  test("because the cluster or the user of the context is not there", async () => {
    expect(
      await sentence({ files: { [standard]: kubeconfig(a).replace("name: c,", "name: d,") } }),
    ).toContain('Context "prod" names cluster "c", which');
    expect(
      await sentence({ files: { [standard]: kubeconfig(a).replace("name: ops,", "name: dev,") } }),
    ).toContain('Context "prod" names user "ops", whom');
  });
});
