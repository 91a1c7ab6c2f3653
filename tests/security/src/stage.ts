import { randomBytes, randomInt } from 'node:crypto';
import { startStandalone, type RunningStandalone } from '@heliograph/testing/standalone';
import type { Gateway } from './client/person';
import type { RowResult } from './report';

/** A second system: behind a balancer that speaks the PROXY protocol, with an MTProxy-style secret. */
export interface ProxiedSystem {
  readonly gateway: Gateway;
  readonly secret: Buffer;
  phone(): string;
}

/** The running system that rows attack. */
export interface Stage {
  readonly system: RunningStandalone;
  /** DC 2, where libraries start. */
  readonly gateway: Gateway;
  /** DC 1 of the same system. */
  readonly otherDc: Gateway;
  readonly layers: readonly number[];
  readonly outbox: string;
  /** A test number of DC 2 that nobody used. */
  phone(): string;
  /** An ordinary number that nobody used: its codes go to the outbox. */
  ordinaryPhone(): string;
  /** The newest code sent to an ordinary number. */
  codeOf(phone: string): Promise<string>;
  /** Started when first asked for. */
  proxied(): Promise<ProxiedSystem>;
  /** Ends the systems. What of it counts as a row is answered. */
  close(): Promise<RowResult[]>;
}

export async function gatewaysOf(system: RunningStandalone): Promise<{ gateways: Gateway[]; layers: number[]; outbox: string }> {
  const { dcs, layers, outbox } = await system.connect();
  return { gateways: dcs.map((dc) => ({ id: dc.id, host: dc.host, port: dc.port, pem: dc.publicKey, fingerprint: BigInt.asUintN(64, BigInt(dc.fingerprint)) })), layers, outbox };
}

export async function openStage(): Promise<Stage> {
  const system = await startStandalone({ flags: ['--dcs', '2'] });
  const secret = randomBytes(16);
  let second: Promise<RunningStandalone> | undefined;
  const startProxied = async (): Promise<RunningStandalone> => startStandalone({ env: { HELIOGRAPH_GATEWAY_PROXY_PROTOCOL: 'on', HELIOGRAPH_GATEWAY_SECRET: secret.toString('hex') } });
  const { gateways, layers, outbox } = await gatewaysOf(system);
  const [otherDc, gateway] = gateways as [Gateway, Gateway];
  let nextTest = randomInt(9_000);
  let nextOrdinary = randomInt(900_000);
  const phone = (): string => `99966${gateway.id}${String((nextTest += 1) % 10_000).padStart(4, '0')}`;
  return {
    system, gateway, otherDc, layers, outbox, phone,
    ordinaryPhone: () => `4477${String(10_000_000 + (nextOrdinary += 1)).slice(0, 8)}`,
    codeOf: async (phone) => {
      const [newest] = (await (await fetch(`${outbox}?phone=${phone}`)).json()) as { code: string }[];
      if (newest === undefined) throw new Error('no code was sent');
      return newest.code;
    },
    proxied: async () => {
      second ??= startProxied();
      const { gateways } = await gatewaysOf(await second);
      return { gateway: gateways[0] as Gateway, secret, phone };
    },
    close: async () => [...await ending('the system', system), ...(second === undefined ? [] : await ending('the system behind a balancer', await second))],
  };
}

async function ending(name: string, system: RunningStandalone): Promise<RowResult[]> {
  const alive = system.memoryBytes() > 0;
  const { code } = await system.stop();
  const failures = system.output().split('\n').filter((line) => /failed|error/i.test(line));
  return [
    { group: 'system', name: `${name} lived through it all and ends with 0`, ok: alive && code === 0, ms: 0, note: alive ? '' : system.output().slice(-2_000) },
    { group: 'system', name: `nothing failed unexpectedly inside ${name}`, ok: failures.length === 0, ms: 0, note: failures.slice(0, 12).join('\n') },
  ];
}
