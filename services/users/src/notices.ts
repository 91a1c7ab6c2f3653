import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PeerNoticeSchema, TakeNoticesRequestSchema, WatchersNoticeSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import { NOTICE_INTERVAL_MS, NOTICES_PER_CALL_MAX, NOTICES_WAITING_MAX } from './limits';

type Notice =
  | { kind: 'peer'; value: MessageInitShape<typeof PeerNoticeSchema> }
  | { kind: 'watchers'; value: MessageInitShape<typeof WatchersNoticeSchema> }
  | { kind: 'changed'; value: bigint };

interface Line {
  /** By what a later notice replaces, oldest first. */
  waiting: Map<string, Notice>;
  sending: boolean;
}

export interface NoticesDeps {
  dcs: readonly number[];
  clock: Pick<Clock, 'sleep'>;
  log: Logger;
  /** Hands a batch to that DC; rejects when it did not take it. */
  send(dc: number, batch: MessageInitShape<typeof TakeNoticesRequestSchema>): Promise<void>;
}

/**
 * What users of this DC let those of other DCs know in passing: statuses, names, typing. Gathered for NOTICE_INTERVAL_MS and sent as one call
 * per DC, one at a time; of several statuses of a user only the newest goes. Nothing is kept for a DC that does not take them: its gateways
 * show what they next ask for. At NOTICES_WAITING_MAX the oldest are dropped.
 */
export class Notices {
  private readonly lines = new Map<number, Line>();
  private closed = false;

  constructor(private readonly deps: NoticesDeps) {
    for (const dc of deps.dcs) this.lines.set(dc, { waiting: new Map(), sending: false });
  }

  /** The other DCs. */
  get dcs(): readonly number[] {
    return this.deps.dcs;
  }

  toPeer(dc: number, from: number, to: number, updates: Uint8Array): void {
    this.add(dc, `peer ${from} ${to}`, { kind: 'peer', value: { from: BigInt(from), to: BigInt(to), updates } });
  }

  /** `what`: its notices of one user replace each other. */
  toWatchers(dc: number, what: string, notice: { userId: number; updates: Uint8Array; hiddenFrom: readonly number[] }): void {
    this.add(dc, `${what} ${notice.userId}`, { kind: 'watchers', value: { userId: BigInt(notice.userId), updates: notice.updates, hiddenFrom: notice.hiddenFrom.map(BigInt) } });
  }

  /** How these users look, or what they see, has changed. */
  changed(userIds: readonly number[]): void {
    for (const dc of this.lines.keys()) for (const id of userIds) this.add(dc, `changed ${id}`, { kind: 'changed', value: BigInt(id) });
  }

  close(): void {
    this.closed = true;
  }

  private add(dc: number, name: string, notice: Notice): void {
    const line = this.lines.get(dc);
    if (!line || this.closed) return;
    line.waiting.delete(name);
    line.waiting.set(name, notice);
    if (line.waiting.size > NOTICES_WAITING_MAX) line.waiting.delete(line.waiting.keys().next().value as string);
    if (line.sending) return;
    line.sending = true;
    void this.send(dc, line).finally(() => {
      line.sending = false;
    });
  }

  private async send(dc: number, line: Line): Promise<void> {
    while (line.waiting.size > 0 && !this.closed) {
      await this.deps.clock.sleep(NOTICE_INTERVAL_MS);
      const batch = { peers: [] as MessageInitShape<typeof PeerNoticeSchema>[], watchers: [] as MessageInitShape<typeof WatchersNoticeSchema>[], changedUsers: [] as bigint[] };
      let size = 0;
      for (const [name, { kind, value }] of line.waiting) {
        if (size === NOTICES_PER_CALL_MAX) break;
        size += 1;
        line.waiting.delete(name);
        if (kind === 'peer') batch.peers.push(value);
        else if (kind === 'watchers') batch.watchers.push(value);
        else batch.changedUsers.push(value);
      }
      await this.deps.send(dc, batch).catch((error: unknown) => this.deps.log.debug({ dc, size, error: error instanceof Error ? error.name : typeof error }, 'another data center took no notices'));
    }
  }
}
