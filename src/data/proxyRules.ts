/** Which proxy a server is reached through: Go's rules (golang.org/x/net/http/httpproxy), which kubectl follows. Pure. */
import { BlockList, isIP } from "node:net";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy's URL, `null` for a direct connection. HTTPS_PROXY for https servers, HTTP_PROXY for http ones, upper case names first
 * as in Go; NO_PROXY knows names, suffixes, ports, addresses and CIDR ranges. This machine is never reached through a proxy.
 */
export function proxyFor(server: URL, env: Env): string | null {
  const secure = server.protocol === "https:";
  const names = secure ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
  const proxy = first(env, names);
  if (proxy === "") return null;
  const host = hostOf(server);
  if (isLoopback(host)) return null;
  const port = server.port === "" ? (secure ? "443" : "80") : server.port;
  const exceptions = first(env, ["NO_PROXY", "no_proxy"]).split(/[\s,]+/);
  if (exceptions.some((entry) => matches(entry.trim().toLowerCase(), host, port))) return null;
  return withScheme(proxy);
}

/** `proxy:3128` means http; SOCKS with names resolved by the proxy is what undici's `socks5` does. */
export function withScheme(proxy: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  return url.replace(/^socks5h:/i, "socks5:");
}

function first(env: Env, names: readonly string[]): string {
  return names.map((name) => env[name] ?? "").find((value) => value !== "") ?? "";
}

function hostOf(url: URL): string {
  return url.hostname
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
}

/** `localhost`, 127.0.0.0/8, ::1. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return inRange(entry, host);
  const [name, onlyPort] = splitPort(entry);
  if (onlyPort !== null && onlyPort !== port) return false;
  if (isIP(host) !== 0) return name === host;
  const suffix = name.replace(/^\*/, "");
  return suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function splitPort(entry: string): readonly [string, string | null] {
  if (isIP(entry) === 6) return [entry, null];
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(entry);
  return match === null ? [entry.replace(/^\[(.*)\]$/, "$1"), null] : [match[1] ?? "", match[2] ?? null];
}

function inRange(entry: string, host: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const range = new BlockList();
  range.addSubnet(network, Number(bits), type);
  return range.check(host, type);
}
