import { create } from '@bufbuild/protobuf';
import { channelOfBox } from '@heliograph/box/box-id';
import { type ChannelPush, type ChannelRoute, type Push, PushSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Counter, Logger } from '@heliograph/service-kit/kit';
import type { ChannelMembers } from './channel-members';
import type { Codec } from './codec';
import { CHANNEL_QUEUE_BYTES_MAX, CHANNEL_QUEUE_PUSHES_MAX, CHANNEL_RUN_PUSHES_MAX, CHANNEL_SHARE_SESSIONS, CHANNEL_TURN_DELIVERIES, CHANNEL_TURN_SESSIONS, MISSED_WINDOW_MS } from './limits';
import { Encodings } from './encodings';
import type { Online } from './online';
import { isFor } from './pushes';
import type { Session } from './session';

export interface ChannelPushesDeps {
  codec: Codec;
  online: Online;
  members: ChannelMembers;
  /** Unix milliseconds. */
  now(): number;
  /** Runs a task after the current turn of the event loop. */
  schedule(task: () => void): void;
  /** Names for one viewer; names that are the same for everybody. */
  dress(viewerId: number, value: object): Promise<void> | undefined;
  dressForAll(value: object): Promise<void> | undefined;
  layer(session: Session): number;
  /** Gives an update to a session. */
  hand(session: Session, body: Uint8Array): void;
  log: Logger;
  failures: Counter;
}

/** One change of a channel, on its way to the members who are here. */
interface Frame {
  readonly push: Push;
  readonly version: number;
  readonly joined: readonly bigint[];
  /** Bytes that it counts for while it waits. */
  readonly bytes: number;
  /** As most see it; undefined: they are told nothing. */
  common: Encodings | undefined;
  /** As some do. */
  variants: Map<number, Encodings | undefined> | undefined;
  /** Names are being fetched for it. */
  dressing: boolean;
}

/** The push behind what the gateway itself tells all members. */
const TO_ALL = create(PushSchema);

/** What waits for the members of one channel. */
interface Line {
  readonly channel: number;
  readonly frames: Frame[];
  bytes: number;
  /** What is being given to one member after the other, and who comes next. */
  run: Frame[];
  members: Iterator<number> | undefined;
  /** It has its place among those that are at work. */
  working: boolean;
}

/**
 * Hands changes of channels to their members' sessions, in the channel's order: read once, dressed once for all (and for the few who see them otherwise), encoded
 * once per layer. In one turn of the event loop CHANNEL_TURN_SESSIONS of all channels together are written to, so that whatever else there
 * is waits no longer than that takes; channels take turns. What came meanwhile for one that is behind goes out together.
 */
export class ChannelPushes {
  private readonly lines = new Map<number, Line>();
  /** Lines that have something for somebody, the one whose turn it is first. */
  private readonly working: Line[] = [];
  /** Sessions and deliveries that are left of this turn of the event loop. */
  private sessionsLeft = CHANNEL_TURN_SESSIONS;
  private deliveriesLeft = CHANNEL_TURN_DELIVERIES;
  private scheduled = false;

  constructor(private readonly deps: ChannelPushesDeps) {}

  deliver(push: Push, channelPush: ChannelPush): void {
    const { members } = this.deps;
    const channel = Number(channelPush.channel);
    const version = Number(channelPush.version);
    const place = members.place(channel);
    if (place !== undefined) place.changedAt = this.deps.now();
    // Whoever left gets nothing of what still waits either.
    for (const user of channelPush.left) members.leave(channel, Number(user), version);
    if (channelPush.joined.length === 0 && channelPush.updates.length === 0 && channelPush.variants.length === 0) return;
    const line = this.line(channel);
    const bytes = channelPush.updates.length + channelPush.variants.reduce((sum, { updates }) => sum + updates.length, 0);
    if (line.frames.length >= CHANNEL_QUEUE_PUSHES_MAX || line.bytes + bytes > CHANNEL_QUEUE_BYTES_MAX) this.collapse(line);
    this.add(line, this.read(push, channelPush, bytes));
  }

  /** The user's own box says that they came into a channel, or left it. */
  route(userId: number, { channel: box, present, version: from }: ChannelRoute): void {
    const { members, now } = this.deps;
    const channel = Number(box);
    const version = Number(from);
    if (!present) return members.leave(channel, userId, version);
    const changedAt = members.place(channel)?.changedAt ?? -Infinity;
    // What went by just before was for others only.
    if (members.join(channel, userId, version) && now() - changedAt <= MISSED_WINDOW_MS) this.tellMissed(userId, [channel]);
  }

  /** Makes the user's sessions ask for what they may have missed of these channels. */
  tellMissed(userId: number, channels: readonly number[]): void {
    for (const channel of channels) {
      const told = this.tooLong(channel);
      for (const session of this.deps.online.sessionsOf(userId)) if (session.listening) this.deps.hand(session, told.in(this.deps.layer(session)));
    }
  }

  /** The same for all members of a channel. */
  tellAllMissed(channel: number): void {
    if (this.deps.members.place(channel) === undefined) return;
    this.add(this.line(channel), { push: TO_ALL, version: 0, joined: [], bytes: 0, common: this.tooLong(channel), variants: undefined, dressing: false });
  }

  private line(channel: number): Line {
    let line = this.lines.get(channel);
    if (line === undefined) this.lines.set(channel, line = { channel, frames: [], bytes: 0, run: [], members: undefined, working: false });
    return line;
  }

  private read(push: Push, { channel: box, updates, variants, joined, version }: ChannelPush, bytes: number): Frame {
    const channel = Number(box);
    const frame: Frame = { push, version: Number(version), joined, bytes, common: undefined, variants: undefined, dressing: false };
    const { codec, online, dress, dressForAll } = this.deps;
    const waiting: Promise<void>[] = [];
    try {
      if (updates.length > 0) frame.common = this.dressed(codec.readUpdates(updates), dressForAll, waiting);
      for (const { userIds, updates: seen } of variants) {
        for (const id of userIds) {
          const userId = Number(id);
          if (!online.has(userId)) continue;
          frame.variants ??= new Map();
          frame.variants.set(userId, seen.length === 0 ? undefined : this.dressed(codec.readUpdates(seen), (value) => dress(userId, value), waiting));
        }
      }
    } catch (error) {
      // A service wrote what cannot be read: a defect there. Clients find the change by its pts.
      this.giveUp(channel, frame, 'push-unreadable', error);
      return frame;
    }
    if (waiting.length === 0) return frame;
    frame.dressing = true;
    void Promise.all(waiting).catch((error: unknown) => this.giveUp(channel, frame, 'push', error)).then(() => {
      frame.dressing = false;
      this.start(this.line(channel));
    });
    return frame;
  }

  private dressed(value: object, dress: (value: object) => Promise<void> | undefined, waiting: Promise<void>[]): Encodings {
    const { users } = value as { users?: unknown };
    const dressing = users === undefined ? undefined : dress(value);
    if (dressing !== undefined) waiting.push(dressing);
    return new Encodings(this.deps.codec, value);
  }

  private giveUp(channel: number, frame: Frame, what: string, error: unknown): void {
    this.deps.failures.add(1, { what });
    this.deps.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'a change of a channel could not be prepared');
    frame.common = this.tooLong(channel);
    frame.variants = undefined;
  }

  private tooLong(channel: number): Encodings {
    const date = Math.floor(this.deps.now() / 1_000);
    return new Encodings(this.deps.codec, { _: 'updateShort', update: { _: 'updateChannelTooLong', channel_id: channelOfBox(channel) }, date });
  }

  /** Too much waits: members ask for it instead. Those who came with it have come. */
  private collapse(line: Line): void {
    this.deps.failures.add(1, { what: 'channel-queue' });
    for (const { joined, version } of line.frames) for (const user of joined) this.deps.members.join(line.channel, Number(user), version);
    line.frames.length = 0;
    line.bytes = 0;
    this.tellAllMissed(line.channel);
  }

  private add(line: Line, frame: Frame): void {
    line.frames.push(frame);
    line.bytes += frame.bytes;
    this.start(line);
  }

  /** Lets the line have its turns, unless it has them already or waits for names. */
  private start(line: Line): void {
    if (line.working || (line.members === undefined && line.frames[0]?.dressing !== false)) return;
    line.working = true;
    this.working.push(line);
    this.turn();
  }

  private turn(): void {
    while (this.sessionsLeft > 0 && this.deliveriesLeft > 0) {
      const line = this.working.shift();
      if (line === undefined) return;
      if (this.advance(line)) this.working.push(line);
      else {
        line.working = false;
        if (line.frames.length === 0) this.lines.delete(line.channel);
      }
      this.scheduleTurn();
    }
  }

  private scheduleTurn(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.deps.schedule(() => {
      this.scheduled = false;
      this.sessionsLeft = CHANNEL_TURN_SESSIONS;
      this.deliveriesLeft = CHANNEL_TURN_DELIVERIES;
      this.turn();
    });
  }

  /** Goes on with the line as far as its share of this turn allows. True: there is more. */
  private advance(line: Line): boolean {
    if (line.members === undefined && !this.begin(line)) return false;
    const until = this.sessionsLeft - CHANNEL_SHARE_SESSIONS;
    while (this.sessionsLeft > Math.max(0, until) && this.deliveriesLeft > 0) {
      const next = line.members?.next();
      if (next === undefined || next.done) {
        line.members = undefined;
        line.run = [];
        return line.frames[0]?.dressing === false;
      }
      this.give(next.value, line.run);
    }
    return true;
  }

  /** Takes what goes out together: up to the next change of who is there, or one that isn't dressed yet. False: there is nothing for anybody. */
  private begin(line: Line): boolean {
    const { members } = this.deps;
    const run: Frame[] = [];
    while (run.length < CHANNEL_RUN_PUSHES_MAX) {
      const [next] = line.frames;
      if (next === undefined || next.dressing || (run.length > 0 && next.joined.length > 0)) break;
      line.frames.shift();
      line.bytes -= next.bytes;
      for (const user of next.joined) members.join(line.channel, Number(user), next.version);
      if ((next.common !== undefined || next.variants !== undefined) && members.place(line.channel) !== undefined) run.push(next);
    }
    line.run = run;
    line.members = run.length === 0 ? undefined : members.place(line.channel)?.members.keys();
    return line.members !== undefined;
  }

  private give(userId: number, run: readonly Frame[]): void {
    const { online, layer, hand } = this.deps;
    this.sessionsLeft -= 1;
    for (const session of online.sessionsOf(userId)) {
      if (!session.listening) continue;
      for (const frame of run) {
        const seen = frame.variants?.has(userId) === true ? frame.variants.get(userId) : frame.common;
        if (seen === undefined || !isFor(session, frame.push)) continue;
        this.deliveriesLeft -= 1;
        hand(session, seen.in(layer(session)));
      }
    }
  }
}
