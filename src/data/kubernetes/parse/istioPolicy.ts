/** PeerAuthentication, AuthorizationPolicy, Telemetry. */
import type {
  AuthorizationPolicy,
  MtlsMode,
  PeerAuthentication,
  Telemetry,
} from "../../mesh/declared/security.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";

const modes = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"] as const;
const actions = ["ALLOW", "DENY", "AUDIT", "CUSTOM"] as const;

function readMode(mtls: Field): MtlsMode | null {
  const mode = mtls.at("mode").oneOfOr(modes, "UNSET");
  return mode === "UNSET" ? null : mode;
}

export function readPeerAuthentication({ meta, spec }: RawObject): PeerAuthentication {
  const ports = spec.at("portLevelMtls").entries();
  return {
    meta,
    selector: spec.at("selector").at("matchLabels").labelsOrNull(),
    mode: readMode(spec.at("mtls")),
    portLevelMtls: Object.fromEntries(ports.map(([port, mtls]) => [port, readMode(mtls)])),
  };
}

export function readAuthorizationPolicy({ meta, spec }: RawObject): AuthorizationPolicy {
  return {
    meta,
    selector: spec.at("selector").at("matchLabels").labelsOrNull(),
    action: spec.at("action").oneOfOr(actions, "ALLOW"),
    rules: spec.at("rules").items().length,
  };
}

/** Several accessLogging entries are told as one: switched off only where each of them is. */
export function readTelemetry({ meta, spec }: RawObject): Telemetry {
  const logging = spec.at("accessLogging").items();
  const providers = logging.flatMap((entry) =>
    entry
      .at("providers")
      .items()
      .map((item) => item.at("name").text()),
  );
  return {
    meta,
    selector: spec.at("selector").at("matchLabels").labelsOrNull(),
    accessLogging:
      logging.length === 0
        ? null
        : {
            disabled: logging.every((entry) => entry.at("disabled").flag()),
            providers: [...new Set(providers)],
          },
  };
}
