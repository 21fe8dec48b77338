import { describe, expect, test } from "vitest";
import { proxyFor, withScheme } from "../../src/data/proxyRules.ts";

const proxy = "http://proxy:3128";

describe("the proxy of the environment", () => {
  test.each([
    ["https://api.example:6443", {}, null],
    ["https://api.example:6443", { HTTPS_PROXY: proxy }, proxy],
    ["https://api.example:6443", { https_proxy: proxy }, proxy],
    ["https://api.example:6443", { HTTPS_PROXY: "proxy:3128" }, proxy],
    // Go does not ask HTTP_PROXY for an https server.
    ["https://api.example:6443", { HTTP_PROXY: proxy }, null],
    ["http://api.example", { HTTP_PROXY: proxy }, proxy],
    ["https://localhost:6443", { HTTPS_PROXY: proxy }, null],
    ["https://127.0.0.1:6443", { HTTPS_PROXY: proxy }, null],
    ["https://[::1]:6443", { HTTPS_PROXY: proxy }, null],
    ["https://api.example:6443", { HTTPS_PROXY: proxy, NO_PROXY: "*" }, null],
    ["https://api.example:6443", { HTTPS_PROXY: proxy, NO_PROXY: "other, api.example" }, null],
    ["https://api.example:6443", { HTTPS_PROXY: proxy, NO_PROXY: "example" }, null],
    ["https://api.example:6443", { HTTPS_PROXY: proxy, NO_PROXY: ".example" }, null],
    ["https://api.example:6443", { HTTPS_PROXY: proxy, NO_PROXY: "*.example" }, null],
    ["https://notexample:6443", { HTTPS_PROXY: proxy, NO_PROXY: "example" }, proxy],
    // A leading dot means subdomains only.
    ["https://example:6443", { HTTPS_PROXY: proxy, NO_PROXY: ".example" }, proxy],
    ["https://api.example:6443", { HTTPS_PROXY: proxy, NO_PROXY: "api.example:443" }, proxy],
    ["https://api.example:6443", { HTTPS_PROXY: proxy, NO_PROXY: "API.EXAMPLE:6443" }, null],
    ["https://10.1.2.3:6443", { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8" }, null],
    ["https://11.1.2.3:6443", { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8" }, proxy],
    ["https://10.1.2.3:6443", { HTTPS_PROXY: proxy, NO_PROXY: "10.1.2.3" }, null],
    ["https://[fd00::5]:6443", { HTTPS_PROXY: proxy, NO_PROXY: "fd00::/8" }, null],
    ["https://10.1.2.3:6443", { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/99,nonsense/8" }, proxy],
  ])("for %s with %o is %s", (server, env, expected) => {
    expect(proxyFor(new URL(server), env)).toBe(expected);
  });

  test("SOCKS with names resolved over there is undici's socks5", () => {
    expect(withScheme("socks5h://proxy:1080")).toBe("socks5://proxy:1080");
  });
});
