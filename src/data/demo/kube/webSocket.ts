/** The server's half of RFC 6455, as far as one client that sends whole binary messages needs it: no extensions, no fragments of ours. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

export interface MessageSocket {
  readonly send: (message: Uint8Array) => void;
  readonly close: () => void;
}

interface Listener {
  readonly message: (message: Buffer) => void;
  /** The client or the connection has ended. */
  readonly closed: () => void;
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const opcodes = { continuation: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Answers the handshake and reads messages until the connection ends. `head`: what came with the request. */
export function acceptWebSocket(
  request: IncomingMessage,
  connection: { readonly socket: Duplex; readonly head: Buffer; readonly protocol: string },
  listener: Listener,
): MessageSocket {
  const { socket, head, protocol } = connection;
  const key = request.headers["sec-websocket-key"] ?? "";
  const proof = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${proof}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const send = (opcode: number, payload: Uint8Array): void => {
    if (socket.writable) socket.write(frameOf(opcode, payload));
  };
  const close = (): void => {
    send(opcodes.close, Buffer.alloc(0));
    socket.end();
  };
  readMessages(socket, head, (opcode, payload) => {
    if (opcode === opcodes.close) close();
    else if (opcode === opcodes.ping) send(opcodes.pong, payload);
    else if (opcode !== opcodes.pong) listener.message(payload);
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", listener.closed);
  return { send: (message) => send(opcodes.binary, message), close };
}

function frameOf(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

interface Frame {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  /** Bytes that it took. */
  readonly size: number;
}

/** Where the payload begins, after length and mask, and how long it is; more than there are bytes where that is not known yet. */
function extentOf(bytes: Buffer): readonly [begin: number, length: number] {
  const short = (bytes[1] ?? 0) & 0x7f;
  if (bytes.length < 2 || short < 126) return [6, short];
  const begin = short === 126 ? 8 : 14;
  if (bytes.length < begin) return [begin, 0];
  return [begin, short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))];
}

/** The first frame; `null`: it is not whole yet. A client masks each of its frames. */
function frameIn(bytes: Buffer): Frame | null {
  const [begin, length] = extentOf(bytes);
  if (bytes.length < begin || bytes.length < begin + length) return null;
  const [first = 0] = bytes;
  const mask = bytes.subarray(begin - 4, begin);
  const payload = Buffer.from(bytes.subarray(begin, begin + length));
  for (let at = 0; at < length; at += 1) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return { isLast: (first & 0x80) !== 0, opcode: first & 0x0f, payload, size: begin + length };
}

function readMessages(socket: Duplex, head: Buffer, heard: (opcode: number, message: Buffer) => void): void {
  let bytes: Buffer = head;
  let parts: Buffer[] = [];
  const read = (): void => {
    for (let frame = frameIn(bytes); frame !== null; frame = frameIn(bytes)) {
      bytes = bytes.subarray(frame.size);
      const isControl = frame.opcode >= opcodes.close;
      if (isControl) {
        heard(frame.opcode, frame.payload);
        continue;
      }
      parts.push(frame.payload);
      if (!frame.isLast) continue;
      heard(opcodes.binary, Buffer.concat(parts));
      parts = [];
    }
  };
  socket.on("data", (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    read();
  });
  read();
}
