import { afterEach, describe, expect, test } from "vitest";
import { connect, type Connection } from "../../../src/data/kubernetes/connect.ts";
import { readJson, refusal } from "../../../src/data/kubernetes/failures.ts";
import { explain, type DataError } from "../../../src/data/mesh/result.ts";
import { startApiServer, startProxy } from "./support/apiServer.ts";
import { issue } from "./support/certificates.ts";
import { kubeconfig, testMachine, type TestMachineOptions } from "./support/testMachine.ts";

const authority = issue({ name: "cluster CA", issuer: null, isAuthority: true });
const stranger = issue({ name: "another CA", issuer: null, isAuthority: true });
const hosts = ["127.0.0.1", "api.test"];
const certificate = issue({ name: "api", issuer: authority, hosts });
const client = issue({ name: "jane", issuer: authority });

const base64 = (pem: string): string => Buffer.from(pem).toString("base64");
const trusting = `certificate-authority-data: ${base64(authority.cert)}`;

/** A JWT, of which client-node looks at the end alone. @param seconds since the epoch. */
const idTokenUntil = (seconds: number): string =>
  [{ alg: "none" }, { exp: Math.round(seconds) }, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function tlsServer(...parameters: Partial<Parameters<typeof startApiServer>>) {
  const [tls = { server: certificate, clients: authority }, answer] = parameters;
  const server = await startApiServer(tls, answer);
  cleanups.push(() => server.stop());
  return server;
}

async function proxyServer(status?: number) {
  const proxy = await startProxy(status);
  cleanups.push(() => proxy.stop());
  return proxy;
}

async function open(text: string, machine: TestMachineOptions = {}): Promise<Connection> {
  const connection = await connect({ kubeconfig: { text }, context: null, machine: testMachine(machine) });
  if (!connection.ok) throw new Error(connection.error.message);
  return connection.value;
}

async function statusOf(connection: Connection): Promise<number> {
  const answer = await connection.request("/api");
  if (!answer.ok) throw new Error(answer.error.message);
  await answer.value.text();
  return answer.value.status;
}

async function failureOf(connection: Connection): Promise<DataError> {
  const answer = await connection.request("/api");
  if (answer.ok) throw new Error(`It was answered ${answer.value.status}.`);
  return answer.error;
}

describe("a connection", () => {
  test("says what it is connected to", async () => {
    const { context, cluster, user, host, namespace } = await open(
      kubeconfig("{server: 'https://api.test:6443/k8s/clusters/c-1/'}"),
    );
    expect({ context, cluster, user, host, namespace }).toEqual({
      context: "prod",
      cluster: "c",
      user: "ops",
      host: "api.test:6443",
      namespace: null,
    });
  });

  test("is kept alive: a row of requests makes one or two TLS connections", async () => {
    const server = await tlsServer();
    const connection = await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`));
    for (let turn = 0; turn < 20; turn += 1) expect(await statusOf(connection)).toBe(200);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test("sends a token, and the groups that it is to act as, one header each", async () => {
    const server = await tlsServer();
    const user = "{token: t0ken, as: jane, as-groups: [dev, ops]}";
    await statusOf(await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`, user)));
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: "Bearer t0ken",
      "impersonate-user": "jane",
      "impersonate-group": "dev, ops",
    });
  });

  test("sends a name and password, to a plain http server too", async () => {
    const server = await startApiServer(null);
    cleanups.push(() => server.stop());
    await statusOf(
      await open(
        kubeconfig(`{server: 'http://127.0.0.1:${server.port}'}`, "{username: jane, password: pa:ss}"),
      ),
    );
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${base64("jane:pa:ss")}`);
  });

  test("sends the token of an auth-provider for as long as it is valid", async () => {
    const server = await tlsServer();
    const idToken = idTokenUntil(Date.now() / 1000 + 3_600);
    const user = `{auth-provider: {name: oidc, config: {id-token: ${idToken}}}}`;
    await statusOf(await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`, user)));
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${idToken}`);
  });

  test("shows a client certificate, from data or from files", async () => {
    const server = await tlsServer();
    const cluster = `{server: 'https://127.0.0.1:${server.port}', ${trusting}}`;
    await statusOf(
      await open(
        kubeconfig(
          cluster,
          `{client-certificate-data: ${base64(client.cert)}, client-key-data: ${base64(client.key)}}`,
        ),
      ),
    );
    const files = { "/c.pem": client.cert, "/k.pem": client.key };
    await statusOf(
      await open(kubeconfig(cluster, "{client-certificate: /c.pem, client-key: /k.pem}"), { files }),
    );
    expect(server.seen.map((request) => request.client)).toEqual(["jane", "jane"]);
  });

  test("reads a token file again each minute, and at once after a 401", async () => {
    let accepted = "Bearer one";
    const server = await tlsServer(undefined, (request, response) => {
      response.statusCode = request.headers.authorization === accepted ? 200 : 401;
      response.end();
    });
    const files = { "/token": "one\n" };
    let now = 0;
    const connection = await open(
      kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`, "{tokenFile: /token}"),
      { files, now: () => now },
    );
    expect(await statusOf(connection)).toBe(200);
    files["/token"] = "two\n";
    accepted = "Bearer two";
    expect(await statusOf(connection)).toBe(200);
    files["/token"] = "three\n";
    now = 61_000;
    accepted = "Bearer three";
    expect(await statusOf(connection)).toBe(200);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer one",
      "Bearer one",
      "Bearer two",
      "Bearer three",
    ]);
  });

  test("with tls-server-name takes a certificate for that name", async () => {
    const server = await tlsServer({
      server: issue({ name: "api", issuer: authority, hosts: ["inner"] }),
      clients: authority,
    });
    const cluster = `server: 'https://127.0.0.1:${server.port}', ${trusting}`;
    expect((await failureOf(await open(kubeconfig(`{${cluster}}`)))).message).toContain(
      "its certificate is for another name",
    );
    expect(await statusOf(await open(kubeconfig(`{${cluster}, tls-server-name: inner}`)))).toBe(200);
  });

  test("with insecure-skip-tls-verify takes any certificate", async () => {
    const server = await tlsServer();
    expect(
      await statusOf(
        await open(
          kubeconfig(`{server: 'https://127.0.0.1:${server.port}', insecure-skip-tls-verify: true}`),
        ),
      ),
    ).toBe(200);
  });

  test("gives up with the signal", async () => {
    const server = await tlsServer(undefined, () => undefined);
    const connection = await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`));
    const answer = await connection.request("/api", { signal: AbortSignal.timeout(50) });
    expect(answer).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  });
});

describe("through a proxy", () => {
  const cluster = (port: number, more = ""): string =>
    `{server: 'https://api.test:${port}', ${trusting}${more}}`;
  const user = `{client-certificate-data: ${base64(client.cert)}, client-key-data: ${base64(client.key)}}`;

  test("the kubeconfig's proxy-url is used, with the client certificate beyond it", async () => {
    const [server, proxy] = await Promise.all([tlsServer(), proxyServer()]);
    const connection = await open(
      kubeconfig(cluster(server.port, `, proxy-url: 'http://127.0.0.1:${proxy.port}'`), user),
    );
    expect(await statusOf(connection)).toBe(200);
    expect(proxy.tunnels).toEqual([`api.test:${server.port}`]);
    expect(server.seen[0]?.client).toBe("jane");
  });

  test("HTTPS_PROXY is used as kubectl does, with tls-server-name, but not for what NO_PROXY lists", async () => {
    const [server, proxy] = await Promise.all([tlsServer(), proxyServer()]);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await statusOf(await open(kubeconfig(cluster(server.port), user), { env }))).toBe(200);
    expect(server.seen[0]?.client).toBe("jane");
    const named = kubeconfig(
      `{server: 'https://elsewhere.test:${server.port}', ${trusting}, tls-server-name: api.test}`,
    );
    expect(await statusOf(await open(named, { env }))).toBe(200);
    expect(proxy.tunnels).toHaveLength(2);
    await failureOf(await open(kubeconfig(cluster(server.port)), { env: { ...env, NO_PROXY: ".test" } }));
    expect(proxy.tunnels).toHaveLength(2);
  });

  test("a proxy that refuses is named, with its status", async () => {
    const proxy = await proxyServer(403);
    const error = await failureOf(
      await open(kubeconfig(cluster(6443, `, proxy-url: 'http://me:s3cret@127.0.0.1:${proxy.port}'`))),
    );
    expect(error.message).toBe(
      `The proxy 127.0.0.1:${proxy.port} refuses to connect to the API server (403).`,
    );
  });

  test("a proxy that is not there is named, without its password", async () => {
    const proxy = await proxyServer();
    await proxy.stop();
    const error = await failureOf(
      await open(kubeconfig(cluster(6443, `, proxy-url: 'http://me:s3cret@127.0.0.1:${proxy.port}'`))),
    );
    expect(error.message).toBe(
      `The API server api.test:6443 can't be reached through the proxy 127.0.0.1:${proxy.port}: the connection is refused.`,
    );
    cleanups.pop();
  });
});

describe("what goes wrong is one sentence:", () => {
  test("a refused connection", async () => {
    const server = await startApiServer(null);
    await server.stop();
    const error = await failureOf(await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}'}`)));
    expect(error.kind).toBe("unreachable");
    expect(explain(error)).toBe(
      `The API server 127.0.0.1:${server.port} can't be reached: the connection is refused. Check that the server runs and that its address in the kubeconfig is right.`,
    );
  });

  test("a name that does not resolve", async () => {
    const error = await failureOf(await open(kubeconfig("{server: 'https://no-such-host.invalid:6443'}")));
    expect(error.message).toMatch(
      /^The API server no-such-host\.invalid:6443 can't be reached: its name does not resolve/,
    );
  });

  test("a certificate of an authority that the kubeconfig does not trust", async () => {
    const server = await tlsServer();
    for (const ca of ["", `, certificate-authority-data: ${base64(stranger.cert)}`]) {
      const error = await failureOf(
        await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}'${ca}}`)),
      );
      expect(error.message).toContain(
        "its certificate comes from an authority that the kubeconfig does not trust",
      );
    }
  });

  test("an expired certificate of the server", async () => {
    const expired = issue({ name: "api", issuer: authority, hosts, notAfter: new Date(Date.now() - 1000) });
    const server = await tlsServer({ server: expired, clients: authority });
    const error = await failureOf(
      await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`)),
    );
    expect(error.message).toContain("its certificate has expired");
  });

  test("http asked of an https port, and https of an http port", async () => {
    const plain = await startApiServer(null);
    cleanups.push(() => plain.stop());
    expect(
      (await failureOf(await open(kubeconfig(`{server: 'https://127.0.0.1:${plain.port}'}`)))).message,
    ).toContain("it does not speak TLS");
  });

  test("a 401 with a client certificate that is over, with the day", async () => {
    const server = await tlsServer(undefined, (_, response) => void response.writeHead(401).end());
    const over = issue({ name: "jane", issuer: authority, notAfter: new Date("2026-01-02T00:00:00Z") });
    const user = `{client-certificate-data: ${base64(over.cert)}, client-key-data: ${base64(over.key)}}`;
    const connection = await open(
      kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`, user),
    );
    expect(await statusOf(connection)).toBe(401);
    expect(connection.unauthorized().message).toBe(
      'The client certificate of user "ops" in the kubeconfig has expired (2026-01-02).',
    );
  });

  test.each([
    ["an authority", "{server: 'https://a', certificate-authority-data: bm8=}", "{token: t}"],
    [
      "a certificate",
      "{server: 'https://a'}",
      `{client-certificate-data: bm8=, client-key-data: ${base64(client.key)}}`,
    ],
    [
      "a key",
      "{server: 'https://a'}",
      `{client-certificate-data: ${base64(client.cert)}, client-key-data: ${base64(stranger.key)}}`,
    ],
  ])("%s that is none, or does not fit", async (_, cluster, user) => {
    const text = kubeconfig(cluster, user);
    const connection = await connect({ kubeconfig: { text }, context: null, machine: testMachine({}) });
    expect(connection).toMatchObject({
      ok: false,
      error: {
        kind: "config",
        message: 'The certificates of user "ops" or cluster "c" in the kubeconfig can\'t be read.',
      },
    });
  });

  test("a login of an auth-provider that is over and can't be refreshed", async () => {
    const config = [
      `id-token: ${idTokenUntil(Date.now() / 1000 - 3_600)}`,
      "client-id: kubernetes",
      "refresh-token: r",
      "idp-issuer-url: 'https://127.0.0.1:1'",
    ].join(", ");
    const text = kubeconfig(
      "{server: 'https://api.test:6443'}",
      `{auth-provider: {name: oidc, config: {${config}}}}`,
    );
    const connection = await connect({ kubeconfig: { text }, context: null, machine: testMachine({}) });
    expect(connection.ok ? null : connection.error).toMatchObject({
      kind: "unauthorized",
      message: 'The oidc login of user "ops" can\'t be refreshed.',
    });
  });

  test("a certificate file that is missing", async () => {
    const connection = await connect({
      kubeconfig: { text: kubeconfig("{server: 'https://a', certificate-authority: /ca.pem}") },
      context: null,
      machine: testMachine({}),
    });
    expect(connection).toMatchObject({
      ok: false,
      error: { kind: "config", message: "/ca.pem can't be read: ENOENT." },
    });
  });

  test.each(["'ftp://a'", "a:6443", "''"])("a server that is %s", async (server) => {
    const connection = await connect({
      kubeconfig: { text: kubeconfig(`{server: ${server}}`) },
      context: null,
      machine: testMachine({}),
    });
    expect(connection).toMatchObject({ ok: false, error: { kind: "config" } });
  });

  test("a page of HTML in place of JSON", async () => {
    const server = await tlsServer(
      undefined,
      (_, response) => void response.setHeader("content-type", "text/html").end("<html>log in</html>"),
    );
    const connection = await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`));
    const answer = await connection.request("/apis");
    expect(answer.ok && (await readJson(answer.value, "the list of API groups"))).toMatchObject({
      ok: false,
      error: { kind: "garbled", message: "The answer for the list of API groups is not JSON." },
    });
  });

  test("a refusal in the server's own words, cleaned", async () => {
    const message = 'pods is forbidden: User \\"x\\" cannot\\u001b[2J list';
    const server = await tlsServer(
      undefined,
      (_, response) => void response.writeHead(403).end(`{"kind":"Status","message":"${message}"}`),
    );
    const connection = await open(kubeconfig(`{server: 'https://127.0.0.1:${server.port}', ${trusting}}`));
    const answer = await connection.request("/api/v1/pods");
    const error = answer.ok ? await refusal(answer.value, "the list of pods") : null;
    expect(error?.kind).toBe("forbidden");
    expect(error?.message).toMatch(
      /^The API server refuses the list of pods: pods is forbidden: User "x" cannot/,
    );
    // eslint-disable-next-line no-control-regex
    expect(error?.message).not.toMatch(/\u001b/);
  });
});
