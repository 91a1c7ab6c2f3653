import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { type GrpcDirectory, serviceOf } from './grpc-directory';
import { PEERS_FILE_LOOK_MS, REPLICAS_MAX } from './limits';
import { StartFailure } from './start-failure';
import type { Settings } from './kit-settings';

const STATIC = 'static:';

/**
 * Where the other services are, by settings:
 *
 * | setting | |
 * |---|---|
 * | `PEERS` | a gRPC target with `{service}`, `{dc}` and, where replicas have names of their own, `{replica}`: `dns:///{service}-{replica}.{service}.dc{dc}.svc:50051`; or `static:FILE` |
 * | `PEERS_<SERVICE>` | the same for one service: stateful sets beside deployments |
 * | `REPLICAS_<SERVICE>` | how many `{replica}` stands for (1): `2`, or by data center `1=2,2=3` |
 *
 * FILE is JSON, `{"1": {"message-store": ["host:port", "host:port"]}}`: by data center and service, the place in a list is the number of the
 * replica. It is read again when it has changed.
 */
export function peersDirectory(setting: Settings): GrpcDirectory {
  const general = setting('PEERS') ?? 'dns:///{service}:50051';
  const files = new Map<string, PeersFile>();
  const file = (template: string): PeersFile => {
    let found = files.get(template);
    if (found === undefined) files.set(template, found = new PeersFile(template.slice(STATIC.length)));
    return found;
  };
  // Settings stay as they are for the life of the process, and every call asks.
  const templates = new Map<string, string>();
  const templateOf = (service: string): string => {
    let template = templates.get(service);
    if (template === undefined) templates.set(service, template = setting(`PEERS_${service}`) ?? general);
    return template;
  };
  const counts = new Map<string, Map<number, number>>();
  const countOf = (service: string, dc: number): number => {
    let inDcs = counts.get(service);
    if (inDcs === undefined) counts.set(service, inDcs = new Map());
    let count = inDcs.get(dc);
    if (count === undefined) inDcs.set(dc, count = templateOf(service).includes('{replica}') ? replicaCount(setting, service, dc) : 1);
    return count;
  };
  checkTemplate('HELIOGRAPH_PEERS', general);
  if (general.startsWith(STATIC)) file(general);
  return {
    replicas: (dc, desc, owner) => {
      const service = serviceOf(desc, owner);
      const template = templateOf(service);
      if (template.startsWith(STATIC)) return file(template).replicas(dc, service).length;
      return countOf(service, dc);
    },
    toldApart: (_dc, desc, owner) => {
      const template = templateOf(serviceOf(desc, owner));
      return template.startsWith(STATIC) || template.includes('{replica}') || /^ipv[46]:/.test(template);
    },
    target: async (dc, desc, owner, replica) => {
      const service = serviceOf(desc, owner);
      const template = templateOf(service);
      checkTemplate(`HELIOGRAPH_PEERS for ${service}`, template);
      if (template.startsWith(STATIC)) {
        const addresses = file(template).replicas(dc, service);
        const address = addresses[replica];
        if (address === undefined) throw new StartFailure(`${template.slice(STATIC.length)} names no replica ${replica} of ${service} in DC ${dc}.`);
        return targetOf(address);
      }
      return template.replaceAll('{service}', service).replaceAll('{dc}', String(dc)).replaceAll('{replica}', String(replica));
    },
    listening() {},
  };
}

/** `REPLICAS_<SERVICE>` of a data center. Throws a StartFailure. */
export function replicaCount(setting: Settings, service: string, dc: number): number {
  const text = setting(`REPLICAS_${service}`) ?? '1';
  const name = `HELIOGRAPH_REPLICAS_${service.toUpperCase().replaceAll('-', '_')}`;
  const match = /^\d+$/.test(text) ? text : new RegExp(`(?:^|,)\\s*${dc}=(\\d+)\\s*(?:,|$)`).exec(text)?.[1];
  const count = Number(match);
  if (!Number.isInteger(count) || count < 1 || count > REPLICAS_MAX) {
    throw new StartFailure(`${name} must be a number of replicas from 1 to ${REPLICAS_MAX}, or one for each data center such as 1=2,2=3; it is "${text}".`);
  }
  return count;
}

function checkTemplate(name: string, template: string): void {
  if (template.startsWith(STATIC)) return;
  if (!/^(dns:\/\/|ipv4:|ipv6:|unix:)/.test(template)) {
    throw new StartFailure(`${name} must be a gRPC target such as dns:///{service}:50051, or static:FILE; it is "${template}".`);
  }
}

/** grpc-js resolves names by `dns:`, addresses without. */
function targetOf(address: string): string {
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 4 ? `ipv4:${address}` : isIP(host) === 6 ? `ipv6:${address}` : `dns:///${address}`;
}

/** The list of a `static:` setting. */
class PeersFile {
  private readAt = 0;
  private lookedAt = 0;
  private lists = new Map<string, string[]>();

  constructor(private readonly path: string) {
    this.readNewest();
  }

  replicas(dc: number, service: string): string[] {
    if (performance.now() - this.lookedAt > PEERS_FILE_LOOK_MS) this.readNewest();
    const key = `${dc}/${service}`;
    const found = this.lists.get(key);
    if (found !== undefined) return found;
    throw new StartFailure(`${this.path} (HELIOGRAPH_PEERS) names no ${service} in DC ${dc}.`);
  }

  /** Takes in the file if it has changed. One that cannot be read, or is no list, leaves the former in force. */
  readNewest(): void {
    this.lookedAt = performance.now();
    try {
      const { mtimeMs } = statSync(this.path);
      if (mtimeMs === this.readAt) return;
      this.lists = parse(this.path, readFileSync(this.path, 'utf8'));
      this.readAt = mtimeMs;
    } catch (error) {
      if (this.readAt !== 0) return;
      if (error instanceof StartFailure) throw error;
      throw new StartFailure(`${this.path} (HELIOGRAPH_PEERS) cannot be read: ${(error as Error).message}.`, { cause: error });
    }
  }
}

function parse(path: string, text: string): Map<string, string[]> {
  const wrong = (): StartFailure => new StartFailure(`${path} (HELIOGRAPH_PEERS) must hold JSON like {"1": {"message-store": ["host:port"]}}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong();
  }
  const lists = new Map<string, string[]>();
  for (const [dc, services] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    for (const [service, addresses] of Object.entries((services ?? {}) as Record<string, unknown>)) {
      if (!Array.isArray(addresses) || addresses.length === 0 || addresses.length > REPLICAS_MAX || !addresses.every((address) => typeof address === 'string' && /^.+:\d{1,5}$/.test(address))) throw wrong();
      lists.set(`${dc}/${service}`, addresses as string[]);
    }
  }
  if (lists.size === 0) throw wrong();
  return lists;
}
