import { type Flag, type FlagValues, numberFlag, parseFlags, switchFlag, textFlag, usage } from '@heliograph/service-kit/flags';
import type { DataCenter } from '@heliograph/service-kit/kit';
import { StartFailure } from '@heliograph/service-kit/start-failure';

export const MTPROTO_PORT_DEFAULT = 4430;
export const HTTP_PORT_DEFAULT = 8080;
const DCS_MAX = 3;
/** Client libraries start at this DC. */
const ONLY_DC = 2;

const text = (name: string, value: string, fallback: string, description: string): Flag<string> => ({ name, value, description: `${description} (${fallback})`, schema: textFlag(fallback) });
const number = (name: string, value: string, fallback: number, min: number, max: number, description: string): Flag<number> => ({ name, value, description: `${description} (${fallback})`, schema: numberFlag(fallback, min, max) });
const toggle = (name: string, description: string): Flag<boolean> => ({ name, description, schema: switchFlag() });

/** The options of `npm start`. */
export const flags = {
  data: text('data', 'DIR', './.heliograph', 'folder that holds everything'),
  host: text('host', 'ADDRESS', '127.0.0.1', 'address to listen on'),
  port: number('port', 'PORT', MTPROTO_PORT_DEFAULT, 1, 65535, 'MTProto port; with several DCs, DC k listens on this + k'),
  httpPort: number('http-port', 'PORT', HTTP_PORT_DEFAULT, 1, 65535, 'HTTP port'),
  dcs: number('dcs', 'N', 1, 1, DCS_MAX, 'data centers to run: 1 is DC 2 alone, 2 are DCs 1 and 2'),
  noTestPhones: toggle('no-test-phones', 'no fixed login codes for test numbers 99966XYYYY'),
  grpc: toggle('grpc', 'real gRPC over loopback between the services'),
};

export type Options = FlagValues<typeof flags>;

/** Throws a StartFailure with a sentence. */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const options = parseFlags(flags, args, env);
  if (options.dcs > 1 && options.port + options.dcs > 65535) throw new StartFailure(`--port ${options.port} leaves no port for DC ${options.dcs}; choose one of at most ${65535 - options.dcs}.`);
  const used = dataCenters(options).find((dc) => dc.port === options.httpPort);
  if (used !== undefined) throw new StartFailure(`--http-port ${options.httpPort} is also the port of DC ${used.id}; choose another.`);
  return options;
}

/** The DCs to run, with the addresses that clients are told. */
export function dataCenters({ dcs, host, port }: Pick<Options, 'dcs' | 'host' | 'port'>): DataCenter[] {
  const address = reachable(host);
  if (dcs === 1) return [{ id: ONLY_DC, host: address, port }];
  return Array.from({ length: dcs }, (_, index) => ({ id: index + 1, host: address, port: port + index + 1 }));
}

/** A server that listens everywhere is reached from this machine by loopback. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** `host:port` as it stands in a URL. */
export function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export const helpText = (): string => usage('npm start --', flags);
