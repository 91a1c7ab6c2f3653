import { randomInt } from 'node:crypto';
import { startStandalone, type RunningStandalone } from '@heliograph/testing/standalone';
import type { Gateway } from './client/person';
import type { RowResult } from './report';

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
  /** Ends the system. What of it counts as a row is answered. */
  close(): Promise<RowResult[]>;
}

export async function gatewaysOf(system: RunningStandalone): Promise<{ gateways: Gateway[]; layers: number[]; outbox: string }> {
  const { dcs, layers, outbox } = await system.connect();
  return { gateways: dcs.map((dc) => ({ id: dc.id, host: dc.host, port: dc.port, pem: dc.publicKey, fingerprint: BigInt.asUintN(64, BigInt(dc.fingerprint)) })), layers, outbox };
}

export async function openStage(): Promise<Stage> {
  const system = await startStandalone({ flags: ['--dcs', '2'] });
  const { gateways, layers, outbox } = await gatewaysOf(system);
  const [otherDc, gateway] = gateways as [Gateway, Gateway];
  let nextTest = randomInt(9_000);
  let nextOrdinary = randomInt(900_000);
  return {
    system, gateway, otherDc, layers, outbox,
    phone: () => `99966${gateway.id}${String((nextTest += 1) % 10_000).padStart(4, '0')}`,
    ordinaryPhone: () => `4477${String(10_000_000 + (nextOrdinary += 1)).slice(0, 8)}`,
    codeOf: async (phone) => {
      const [newest] = (await (await fetch(`${outbox}?phone=${phone}`)).json()) as { code: string }[];
      if (newest === undefined) throw new Error('no code was sent');
      return newest.code;
    },
    close: async () => {
      const alive = system.memoryBytes() > 0;
      const { code } = await system.stop();
      const said = system.output().split('\n').filter((line) => line.includes('failed') || /error/i.test(line));
      return [
        { group: 'system', name: 'the process lived through it all and ends with 0', ok: alive && code === 0, ms: 0, note: alive ? `exit code ${code}` : system.output().slice(-2_000) },
        { group: 'system', name: 'nothing failed unexpectedly inside', ok: said.length === 0, ms: 0, note: said.slice(0, 12).join('\n') },
      ];
    },
  };
}
