import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect, type Connection } from "../../../src/data/kubernetes/connect.ts";
import { lastLine } from "../../../src/data/kubernetes/execPlugin.ts";
import { explain, type DataError } from "../../../src/data/mesh/result.ts";
import { kubeconfig, testMachine } from "./support/testMachine.ts";

let folder: string;
let server: Server;
let accepted: string;
let seen: IncomingMessage[];
let now: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "meshtop-plugin-"));
  seen = [];
  accepted = "Bearer token-1";
  now = Date.UTC(2026, 10, 21);
  server = createServer((request, response) => {
    seen.push(request);
    response.statusCode = request.headers.authorization === accepted ? 200 : 401;
    response.end("{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true });
});

/** A plugin that counts its runs and gives `token-<run>`. */
async function plugin(script: string): Promise<string> {
  const path = join(folder, "login");
  const count = `n=$(cat ${folder}/runs 2>/dev/null || echo 0); n=$((n+1)); echo $n > ${folder}/runs; echo "$KUBERNETES_EXEC_INFO" > ${folder}/info`;
  await writeFile(path, `#!/bin/sh\n${count}\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const credential = (more = ""): string =>
  `echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"token-$n\\"${more}}}"`;

async function runs(): Promise<number> {
  return Number(await readFile(join(folder, "runs"), "utf8"));
}

async function open(command: string, more = "") {
  const { port } = server.address() as AddressInfo;
  const user = `{exec: {apiVersion: client.authentication.k8s.io/v1, command: ${command}${more}}}`;
  const text = kubeconfig(`{server: 'http://127.0.0.1:${port}'}`, user);
  return connect({ kubeconfig: { text }, context: null, machine: testMachine({ now: () => now }) });
}

async function opened(command: string, more = ""): Promise<Connection> {
  const connection = await open(command, more);
  if (!connection.ok) throw new Error(connection.error.message);
  return connection.value;
}

async function refused(command: string, more = ""): Promise<DataError> {
  const connection = await open(command, more);
  if (connection.ok) throw new Error("It was opened.");
  return connection.error;
}

async function statusOf(connection: Connection, path = "/api"): Promise<number> {
  const answer = await connection.request(path);
  if (!answer.ok) throw new Error(answer.error.message);
  await answer.value.text();
  return answer.value.status;
}

describe("a credential plugin", () => {
  test("runs once for ten requests at once, and its token is kept", async () => {
    const connection = await opened(await plugin(credential()));
    const statuses = await Promise.all(Array.from({ length: 10 }, () => statusOf(connection)));
    expect(statuses).toEqual(Array(10).fill(200));
    expect(await runs()).toBe(1);
  });

  test("is told in KUBERNETES_EXEC_INFO what it is for, the cluster only where it asks", async () => {
    await opened(await plugin(credential()));
    const info = JSON.parse(await readFile(join(folder, "info"), "utf8")) as unknown;
    expect(info).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: { interactive: false },
    });
    await opened(join(folder, "login"), ", provideClusterInfo: true");
    expect(await readFile(join(folder, "info"), "utf8")).toContain('"cluster":{"server":"http://127.0.0.1:');
  });

  test("is asked again when its credential ends, and not before", async () => {
    const connection = await opened(
      await plugin(credential(',\\"expirationTimestamp\\":\\"2026-11-21T01:00:00Z\\"')),
    );
    now += 50 * 60_000;
    expect(await statusOf(connection)).toBe(200);
    expect(await runs()).toBe(1);
    now += 15 * 60_000;
    accepted = "Bearer token-2";
    expect(await statusOf(connection)).toBe(200);
    expect(await runs()).toBe(2);
  });

  test("is asked once more after a 401, however many requests were refused", async () => {
    const connection = await opened(await plugin(credential()));
    accepted = "Bearer token-2";
    const statuses = await Promise.all(Array.from({ length: 5 }, () => statusOf(connection)));
    expect(statuses).toEqual(Array(5).fill(200));
    expect(await runs()).toBe(2);
  });

  test("whose new credential is refused too leaves the 401 as the answer, without a loop", async () => {
    const connection = await opened(await plugin(credential()));
    accepted = "Bearer nothing";
    expect(await statusOf(connection)).toBe(401);
    expect(await runs()).toBe(2);
    expect(connection.unauthorized().message).toMatch(
      /does not accept the credentials of user "ops" \(401\)/,
    );
  });

  test("that is not installed is named, with its own hint", async () => {
    const error = await refused("no-such-login", ", installHint: Install it from the intranet.");
    expect(explain(error)).toBe(
      "The credential plugin no-such-login is not installed. Install it from the intranet.",
    );
  });

  test("that fails is quoted by its last line, without what looks like a secret", async () => {
    const command = await plugin(
      `echo first >&2; printf 'login failed for \\033[31mjane\\033[0m: token=abcdefgh12345678 eyJhbGciOi.eyJzdWIi.sig\\n' >&2; exit 3`,
    );
    const { message } = await refused(command);
    expect(message).toMatch(/^The credential plugin login failed with exit code 3: login failed for /);
    expect(message).not.toMatch(/first|abcdefgh|eyJ/);
    // eslint-disable-next-line no-control-regex
    expect(message).not.toMatch(/\u001b/);
  });

  test("that answers something else is told so, without repeating it", async () => {
    expect((await refused(await plugin("echo s3cret-not-json"))).message).toBe(
      "The answer of the credential plugin login is not an ExecCredential: it is not JSON.",
    );
    expect((await refused(await plugin("echo '{\"status\":{}}'"))).message).toContain(
      "it holds neither a token nor a certificate",
    );
  });

  test("that wants a terminal is not run: the dashboard has it", async () => {
    expect((await refused(await plugin(credential()), ", interactiveMode: Always")).message).toContain(
      "asks for a terminal",
    );
  });

  test("keeps an ordinary last line as it is", () => {
    expect(
      lastLine(
        'warning\nUnable to locate credentials. You can configure credentials by running "aws configure".\n\n',
      ),
    ).toBe('Unable to locate credentials. You can configure credentials by running "aws configure"');
  });
});
