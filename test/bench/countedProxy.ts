import { connect, createServer, type AddressInfo } from "node:net";

export interface CountedProxy {
  readonly url: string;
  readonly count: () => WireCounts;
}

/** What came through it so far. */
export interface WireCounts {
  /** Of the answers, headers among them. */
  readonly bytes: number;
  /** Requests for whole collections, and those that stay open to be told of changes; where the wire can be read. */
  readonly lists: number;
  readonly watches: number;
  /** Requests for one object, for discovery, and for what somebody may do. */
  readonly others: number;
}

/** Collections of the core and of groups, with or without a namespace; one object has a name behind it. */
const collection = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/[a-z]+$/;

/** Stands before a server on loopback and counts what it answers. Over TLS it sees bytes and no requests. */
export async function countedProxy(target: string): Promise<CountedProxy> {
  const { protocol, hostname, port } = new URL(target);
  const counts = { bytes: 0, lists: 0, watches: 0, others: 0 };
  const note = (line: string): void => {
    const asked = /^[A-Z]+ (\S+) HTTP\/1\.1\r?$/.exec(line)?.[1];
    if (asked === undefined) return;
    const { pathname, searchParams } = new URL(asked, target);
    if (searchParams.has("watch")) counts.watches += 1;
    else if (line.startsWith("GET") && collection.test(pathname)) counts.lists += 1;
    else counts.others += 1;
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let rest = "";
    client.on("data", (chunk: Buffer) => {
      if (protocol !== "http:") return;
      const lines = (rest + chunk.toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(note);
    });
    upstream.on("data", (chunk) => (counts.bytes += chunk.length));
    client.pipe(upstream).pipe(client);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port: own } = server.address() as AddressInfo;
  return { url: `${protocol}//127.0.0.1:${own}`, count: () => ({ ...counts }) };
}
