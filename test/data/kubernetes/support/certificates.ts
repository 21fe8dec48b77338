/** Certificates for tests, made on the spot: DER by hand, since node:crypto reads certificates but writes none. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";

export interface Certificate {
  readonly name: string;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

export interface CertificateRequest {
  readonly name: string;
  /** `null`: signs itself. */
  readonly issuer: Certificate | null;
  /** DNS names and IPv4 addresses that it is for. */
  readonly hosts?: readonly string[];
  readonly isAuthority?: boolean;
  /** Tomorrow by default. */
  readonly notAfter?: Date;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = [body.length];
  if (body.length > 127) {
    length.splice(0, 1, 0x82, body.length >> 8, body.length & 0xff);
  }
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = rest.flatMap((number) => {
    const septets = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) septets.unshift((left & 0x7f) | 0x80);
    return septets;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));
const distinguishedName = (name: string): Buffer =>
  sequence(der(0x31, sequence(objectId("2.5.4.3"), der(0x0c, Buffer.from(name)))));
const generalizedTime = (date: Date): Buffer =>
  der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
const extension = (id: string, value: Uint8Array): Buffer => sequence(objectId(id), der(0x04, value));

function alternativeName(host: string): Buffer {
  return isIP(host) === 4
    ? der(0x87, Buffer.from(host.split(".").map(Number)))
    : der(0x82, Buffer.from(host));
}

const dayMs = 86_400_000;

export function issue(request: CertificateRequest): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const notAfter = request.notAfter ?? new Date(Date.now() + dayMs);
  const authority = request.isAuthority === true ? sequence(der(0x01, Buffer.from([0xff]))) : sequence();
  const extensions = [
    extension("2.5.29.19", authority),
    ...(request.hosts === undefined
      ? []
      : [extension("2.5.29.17", sequence(...request.hosts.map(alternativeName)))]),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    distinguishedName(request.issuer?.name ?? request.name),
    sequence(
      generalizedTime(new Date(Math.min(Date.now(), notAfter.getTime()) - dayMs)),
      generalizedTime(notAfter),
    ),
    distinguishedName(request.name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, request.issuer?.privateKey ?? privateKey);
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return {
    name: request.name,
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    privateKey,
  };
}
