import assert from 'node:assert/strict';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { makeKey } from '../client/person';
import type { FloodKind, FloodOrder, FloodReport, LoadOrder, LoadPhase } from '../floods/messages';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { medianOf, percentileOf } from '../timing';

const MESSAGES_PER_SECOND = 60;
const PAIRS = 4;
const PHASE_MS = 6_000;
const PHASE_MS_SHORT = 3_000;
/** bars.md: W3's p99 at most doubles. On a machine that others use too, some milliseconds are nobody's fault. */
const P99_RATIO_MAX = 2;
const P99_SLACK_MS = 50;
/** Floods of a kind before its row fails: a weakness of the server shows each time, a neighbour's burst of work does not. */
const ATTEMPTS_MAX = 3;

/** Things per second, and from where: each flood has an address of its own, so that budgets don't carry over. */
const FLOODS: { kind: FloodKind; perSecond: number; name: string; judge(report: FloodReport): void }[] = [
  {
    kind: 'req_pq', perSecond: 4_000, name: '4,000 req_pq a second from one address',
    judge: ({ refusals }) => assert.ok((refusals['-429'] ?? 0) > 0, 'the budget of the address was never spent'),
  },
  {
    kind: 'garbage req_DH_params', perSecond: 3_000, name: '3,000 forged req_DH_params of 330 bytes a second from one address',
    judge: ({ answered, refusals }) => assert.ok(answered === 0 && (refusals['-404'] ?? 0) > 0, 'a forged query was answered'),
  },
  {
    kind: 'req_DH_params', perSecond: 250, name: '250 req_DH_params at once that have to be decrypted, from one address',
    judge: ({ refusals, sent }) => assert.ok((refusals['-404'] ?? 0) + (refusals['-429'] ?? 0) === sent, `${JSON.stringify(refusals)} of ${sent}`),
  },
  { kind: 'connections', perSecond: 1_200, name: '1,200 connections a second from one address', judge: ({ answered }) => assert.ok(answered > 0) },
  { kind: 'pings', perSecond: 8, name: '8 containers of 1,024 pings a second from one key', judge: ({ answered }) => assert.ok(answered > 0) },
  { kind: 'queries', perSecond: 8, name: '8 containers of 1,024 queries a second from one key that nobody is logged in with', judge: ({ answered }) => assert.ok(answered > 0) },
];

class Load {
  private constructor(private readonly worker: Worker) {}

  static async start(order: LoadOrder): Promise<Load> {
    const worker = new Worker(join(__dirname, '..', 'floods', 'load.js'), { workerData: order });
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
    });
    return new Load(worker);
  }

  /** What was measured since the last call. */
  async phase(): Promise<LoadPhase> {
    const answer = new Promise<LoadPhase>((resolve) => this.worker.once('message', resolve));
    this.worker.postMessage('phase');
    return answer;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}

/** Runs a flood in a thread of its own. `begun` resolves when its first shot is fired. */
function startFlood(order: FloodOrder): { begun: Promise<void>; ended: Promise<FloodReport> } {
  const worker = new Worker(join(__dirname, '..', 'floods', 'flood.js'), { workerData: order });
  let onBegun = (): void => {};
  const begun = new Promise<void>((resolve) => {
    onBegun = resolve;
  });
  const ended = new Promise<FloodReport>((resolve, reject) => {
    worker.on('message', (message: 'begun' | FloodReport) => {
      if (message === 'begun') return onBegun();
      resolve(message);
      void worker.terminate();
    });
    worker.once('error', reject);
  });
  return { begun, ended };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const told = (times: readonly number[]): string => `p50 ${medianOf(times).toFixed(1)}, p99 ${percentileOf(times, 0.99).toFixed(1)} ms`;

/** Does the load bear the flood? Throws when it lost a message, or waits more than twice as long. */
export function judgeLoad(calm: readonly LoadPhase[], flooded: LoadPhase): string {
  const failures = [...calm.flatMap((phase) => phase.failures), ...flooded.failures];
  assert.deepEqual(failures, []);
  const notes: string[] = [];
  for (const what of ['acknowledged', 'delivered'] as const) {
    const before = calm.flatMap((phase) => phase[what]);
    const under = flooded[what];
    assert.ok(before.length > 0 && under.length > 0, 'no message was sent');
    const bound = Math.max(...calm.map((phase) => percentileOf(phase[what], 0.99))) * P99_RATIO_MAX + P99_SLACK_MS;
    const p99 = percentileOf(under, 0.99);
    notes.push(`${what} ${told(before)} → ${told(under)}`);
    assert.ok(p99 <= bound, `${what}: p99 of ${p99.toFixed(1)} ms under the flood, ${told(before)} before`);
  }
  return notes.join('; ');
}

/** DESIGN section 12, bars.md: floods while private messages flow. */
export function floodRows(stage: Stage, short: boolean): Row[] {
  const phaseMs = short ? PHASE_MS_SHORT : PHASE_MS;
  let load: Load | undefined;
  let calm: LoadPhase | undefined;
  const open = async (): Promise<Load> => (load ??= await Load.start({ gateway: stage.gateway, phones: Array.from({ length: 2 * PAIRS }, () => stage.phone()), perSecond: MESSAGES_PER_SECOND }));
  const calmly = async (running: Load): Promise<LoadPhase> => {
    await pause(phaseMs);
    return running.phase();
  };
  return [
    ...FLOODS.map(({ kind, perSecond, name, judge }, index): Row => ({
      name,
      run: async () => {
        const running = await open();
        if (calm === undefined) {
          await pause(1_000);
          await running.phase();
          calm = await calmly(running);
        }
        for (let attempt = 1; ; attempt++) {
          const flood = startFlood({ kind, gateway: stage.gateway, address: `127.0.${attempt}.${index + 1}`, durationMs: phaseMs, perSecond });
          await flood.begun;
          await running.phase();
          const report = await flood.ended;
          const flooded = await running.phase();
          const before = calm;
          calm = await calmly(running);
          judge(report);
          // Other addresses are served at once.
          await makeKey(stage.gateway, {}, { localAddress: '127.0.1.99' });
          try {
            return `${judgeLoad([before, calm], flooded)}; ${report.sent} sent, ${report.answered} answered, ${JSON.stringify(report.refusals)}, ${report.closed} closed${attempt === 1 ? '' : `; at attempt ${attempt}`}`;
          } catch (error) {
            if (attempt === ATTEMPTS_MAX) throw error;
          }
        }
      },
    })),
    {
      name: 'the load ends; the attackers\' addresses are served again',
      run: async () => {
        await load?.stop();
        for (let index = 0; index < FLOODS.length; index++) await makeKey(stage.gateway, {}, { localAddress: `127.0.1.${index + 1}` });
        return `${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, ${MESSAGES_PER_SECOND} messages a second`;
      },
    },
  ];
}
