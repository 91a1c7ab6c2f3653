import { homeDcOf } from '@heliograph/box/box-id';
import type { SessionRef } from '@heliograph/box/answered-caller';
import type { FanoutService, Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import { PushStreams } from './push-streams';

export interface FanoutLinksDeps {
  gatewayId: string;
  /** This data center, and all that there are. */
  dc: number;
  dcs: readonly number[];
  /** One client for each replica of fanout there is now in that data center. */
  fanouts(dc: number): readonly Pick<Client<typeof FanoutService>, 'attach'>[];
  clock: Pick<Clock, 'now' | 'sleep' | 'every'>;
  /** Users with a connected session here, and channels with a member among them. */
  users(): Iterable<number>;
  channels(): Iterable<number>;
  /** The user's session here where there is just one. */
  soleSession(userId: number): SessionRef | undefined;
  onPush(push: Push): void;
  /** Users of these slices, and channels of that data center in them, may have missed pushes. */
  onLost(dc: number, slices: ReadonlySet<number>): void;
  onBroadcastsLost(): void;
  log: Logger;
}

/**
 * The streams from fanout: those of this data center, which follow its users and channels, and, as soon as a member of one of its channels is here, those of
 * any other, which follow those channels.
 */
export class FanoutLinks {
  private readonly links = new Map<number, PushStreams>();
  private readonly runs: Promise<void>[] = [];
  private stopped = false;

  constructor(private readonly deps: FanoutLinksDeps) {}

  userAdded(userId: number): void {
    this.of(this.deps.dc).userAdded(userId);
  }

  userChanged(userId: number): void {
    this.of(this.deps.dc).userChanged(userId);
  }

  userRemoved(userId: number): void {
    this.of(this.deps.dc).userRemoved(userId);
  }

  channelAdded(channel: number): void {
    const dc = homeDcOf(channel);
    if (this.deps.dcs.includes(dc)) this.of(dc).userAdded(channel);
  }

  channelRemoved(channel: number): void {
    this.links.get(homeDcOf(channel))?.userRemoved(channel);
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    this.of(this.deps.dc);
    // Links may be added meanwhile.
    for (let index = 0; index < this.runs.length; index += 1) await this.runs[index];
  }

  stop(): void {
    this.stopped = true;
    for (const link of this.links.values()) link.stop();
  }

  private of(dc: number): PushStreams {
    let link = this.links.get(dc);
    if (link === undefined) {
      this.links.set(dc, link = this.open(dc));
      if (!this.stopped) this.runs.push(link.run());
    }
    return link;
  }

  private open(dc: number): PushStreams {
    const { deps } = this;
    const own = dc === deps.dc;
    return new PushStreams({
      gatewayId: deps.gatewayId, clock: deps.clock, log: deps.log, broadcasts: own,
      fanouts: () => (own ? deps.fanouts(dc) : this.findFanouts(dc)),
      users: () => this.announced(dc),
      soleSession: (key) => (key > 0 ? deps.soleSession(key) : undefined),
      // Another data center has nothing to say to users of this one but what is of its channels.
      onPush: (push) => {
        if (own || push.what.case === 'channel') deps.onPush(push);
      },
      onLost: (slices) => deps.onLost(dc, slices),
      onBroadcastsLost: () => deps.onBroadcastsLost(),
    });
  }

  /** Where another data center can't be found, its channels are not followed; the others are. It is looked for again. */
  private findFanouts(dc: number): readonly Pick<Client<typeof FanoutService>, 'attach'>[] {
    try {
      return this.deps.fanouts(dc);
    } catch (error) {
      this.deps.log.warn({ dc, error: error instanceof Error ? error.message : 'unknown' }, 'the fanout of a data center is not known');
      return [];
    }
  }

  private *announced(dc: number): Generator<number> {
    if (dc === this.deps.dc) yield* this.deps.users();
    for (const channel of this.deps.channels()) if (homeDcOf(channel) === dc) yield channel;
  }
}
