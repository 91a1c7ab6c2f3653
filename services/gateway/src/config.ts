import { join } from 'node:path';
import { DRAIN_MARGIN_MS, DRAIN_MS, DRAIN_MS_MIN } from './limits';

/** Settings of the gateway, read once at start. */
export interface GatewayConfig {
  /** Address to listen on. */
  host: string;
  /** All ports speak every transport. */
  ports: readonly number[];
  /** Every connection begins with a PROXY protocol v1 or v2 header: only for listeners that just a balancer can reach. */
  proxyProtocol: boolean;
  /** MTProxy-style secret of obfuscated connections, 16 bytes; undefined: none. */
  secret: Uint8Array | undefined;
  /** PEM file of the RSA key, made when it isn't there. */
  rsaKeyFile: string;
  /** Milliseconds that draining may take. */
  drainMs: number;
}

/**
 * Reads HOST, PORT, GATEWAY_PORTS (`443,80`: more ports), GATEWAY_PROXY_PROTOCOL (`on`), GATEWAY_SECRET (32 hex digits), DRAIN_SECONDS and RSA_KEY_FILE
 * (default: in the data folder). Throws a sentence that says what to change.
 */
export function readGatewayConfig(setting: (name: string) => string | undefined, dcPort: number): GatewayConfig {
  const secret = setting('GATEWAY_SECRET');
  if (secret !== undefined && !/^[0-9a-f]{32}$/i.test(secret)) throw new Error('HELIOGRAPH_GATEWAY_SECRET must have 32 hexadecimal digits.');
  const proxyProtocol = setting('GATEWAY_PROXY_PROTOCOL') ?? 'off';
  if (proxyProtocol !== 'on' && proxyProtocol !== 'off') throw new Error('HELIOGRAPH_GATEWAY_PROXY_PROTOCOL must be on or off.');
  const more = (setting('GATEWAY_PORTS') ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
  const ports = [...new Set([setting('PORT') ?? String(dcPort), ...more].map(readPort))];
  return {
    host: setting('HOST') ?? '127.0.0.1',
    ports,
    proxyProtocol: proxyProtocol === 'on',
    secret: secret === undefined ? undefined : Buffer.from(secret, 'hex'),
    drainMs: readDrainMs(setting('DRAIN_SECONDS')),
    rsaKeyFile: setting('RSA_KEY_FILE') ?? join(setting('DATA') ?? './.heliograph', 'gateway', 'rsa.pem'),
  };
}

/** What a SIGTERM may take, less what closing everything else takes. */
function readDrainMs(seconds: string | undefined): number {
  if (seconds === undefined) return DRAIN_MS;
  return Math.max(DRAIN_MS_MIN, Number(seconds) * 1_000 - DRAIN_MARGIN_MS);
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`HELIOGRAPH_GATEWAY_PORTS and HELIOGRAPH_PORT must hold port numbers from 1 to 65535; ${JSON.stringify(text)} is none.`);
  return port;
}
