/** A TCP relay in front of a server, for tests that lose the network between. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  /** How many connections were made so far. */
  connections(): number;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Cuts every connection and refuses new ones, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Swallows every byte without a word, until `thaw`: a VPN that is gone. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let made = 0;
  let frozen = false;
  const pass = (from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => {
      if (!frozen) to.write(chunk);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    made += 1;
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) sockets.add(socket);
    pass(client, upstream);
    pass(upstream, client);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((done) => {
      server.listen(port, "127.0.0.1", () => done());
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      cut();
    });
  return {
    port,
    connections: () => made,
    cut,
    down: close,
    up: () => listen(port),
    freeze: () => void (frozen = true),
    thaw: () => void (frozen = false),
    stop: async () => {
      if (server.listening) await close();
    },
  };
}
