import { connect, createServer, type AddressInfo } from "node:net";

export interface CountedProxy {
  readonly url: string;
  /** Bytes that came back through it so far. */
  readonly bytes: () => number;
}

/** Stands before a server on loopback and counts what it answers. */
export async function countedProxy(target: string): Promise<CountedProxy> {
  const { hostname, port } = new URL(target);
  let bytes = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    upstream.on("data", (chunk) => (bytes += chunk.length));
    client.pipe(upstream).pipe(client);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bytes: () => bytes };
}
