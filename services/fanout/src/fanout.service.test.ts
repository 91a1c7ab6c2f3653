import { create, toBinary } from '@bufbuild/protobuf';
import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import { sealContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { BOX_UPDATES } from '@heliograph/box/topics';
import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import { BoxEventSchema, type BoxEvent } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { FanoutService, type AttachRequestSchema, type ChannelPush, type Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { sliceOf } from '@heliograph/service-kit/slices';
import { eventually } from '@heliograph/testing/eventually';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import type { Updates } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { createHash } from 'node:crypto';
import { fanoutService } from './fanout.module';

type Announcement = MessageInitShape<typeof AttachRequestSchema>;

const ALICE = 34_000_002;
const BOB = 34_000_034;
const NEWS = channelBox(1_000_000_002);

const keyring = createKeyringClient({
  secret: async () => new Uint8Array(32),
  dataKey: async (scope) => ({ key: createHash('sha256').update(scope).digest(), version: 1 }),
  deleteDataKey: async () => {},
});

/** A gateway's end of the stream. */
class Gateway {
  readonly pushes: Push[] = [];
  ended = false;
  attached = false;
  private readonly waiting: Announcement[] = [];
  private readonly stop = new AbortController();
  private wake: (() => void) | undefined;

  constructor(kit: TestKit, readonly name: string, users: number[]) {
    this.announce({ gatewayId: name, usersAdded: users.map(BigInt) });
    void this.run(kit);
  }

  announce(announcement: Announcement): void {
    this.waiting.push(announcement);
    this.wake?.();
  }

  leave(): void {
    this.stop.abort();
    this.wake?.();
  }

  updates(): Updates[] {
    return this.pushes.map((push) => readObject(push.what.value as Uint8Array, 'Updates') as Updates);
  }

  private async run(kit: TestKit): Promise<void> {
    try {
      for await (const { pushes } of kit.kit('gateway').client(FanoutService).attach(this.announcements(), { signal: this.stop.signal })) {
        this.attached = true;
        this.pushes.push(...pushes);
      }
    } catch {
      // Left, or refused; the test looks at `ended`.
    }
    this.ended = true;
  }

  private async *announcements(): AsyncGenerator<Announcement> {
    while (!this.stop.signal.aborted) {
      const next = this.waiting.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

describe('fanout', () => {
  let kit: TestKit;
  beforeEach(async () => {
    kit = await createTestKit({ keyring });
    await kit.start(fanoutService);
  });
  afterEach(() => kit.close());

  const attach = async (name: string, users: number[]): Promise<Gateway> => {
    const gateway = new Gateway(kit, name, users);
    await eventually(() => gateway.attached);
    return gateway;
  };
  const emit = (event: BoxEvent): Promise<void> => kit.ports.eventLog.append(BOX_UPDATES, sliceOf(Number(event.box)), [{ key: String(event.box), value: toBinary(BoxEventSchema, event) }]).durable;
  const message = async (box: number, peer: number, id: number, text: string): Promise<BoxEvent> => {
    const content = sealContent(await dialogSeal(keyring, 2, box, peer), box, peer, { _: 'heliograph.messageContent', message: text });
    return create(BoxEventSchema, {
      box: BigInt(box), date: 1_700_000_000,
      updates: [{ pts: id, ptsCount: 1, change: { case: 'message', value: { id, peer: BigInt(peer), from: BigInt(peer), date: 1_700_000_000, content } } }],
    });
  };

  it('pushes what changed to the gateways of the box\'s owner, rendered and in order', async () => {
    const [one, two, other] = [await attach('one', [ALICE]), await attach('two', [ALICE, BOB]), await attach('other', [BOB])];
    for (let id = 2; id < 12; id += 1) await emit(await message(ALICE, BOB, id, `text ${id}`));
    for (const gateway of [one, two]) {
      await eventually(() => gateway.pushes.length === 10);
      expect(gateway.pushes.every((push) => push.userIds.length === 1 && push.userIds[0] === BigInt(ALICE))).toBe(true);
      expect(gateway.updates().flatMap((updates) => updates.updates)).toMatchObject(
        Array.from({ length: 10 }, (_, i) => ({ _: 'updateNewMessage', pts: i + 2, pts_count: 1, message: { id: i + 2, message: `text ${i + 2}`, peer_id: { user_id: BOB } } })),
      );
    }
    expect(other.pushes).toEqual([]);
  });

  it('pushes what happens in a basic group to its members, and nothing of the group\'s own box', async () => {
    const gateway = await attach('one', [ALICE]);
    const group = -1_048_611;
    // Sealed in another data center.
    const content = sealContent(await dialogSeal(keyring, 3, BOB, group), BOB, group, { _: 'heliograph.messageContent', message: 'to all' });
    const post = { id: 2, peer: BigInt(group), from: BigInt(BOB), date: 1_700_000_000, content };
    await emit(create(BoxEventSchema, { box: BigInt(group), updates: [{ pts: 2, ptsCount: 1, change: { case: 'message', value: { ...post, peer: 0n } } }] }));
    await emit(create(BoxEventSchema, {
      box: BigInt(ALICE),
      updates: [
        { pts: 2, ptsCount: 1, change: { case: 'message', value: post } },
        { change: { case: 'group', value: { group: BigInt(group), change: { version: 3, change: { case: 'removed', value: BigInt(BOB) } } } } },
      ],
    }));
    await eventually(() => gateway.pushes.length === 1);
    expect(gateway.updates()).toMatchObject([{
      updates: [
        { _: 'updateNewMessage', message: { message: 'to all', peer_id: { chat_id: -group }, from_id: { user_id: BOB } } },
        { _: 'updateChatParticipantDelete', chat_id: -group, user_id: BOB, version: 3 },
      ],
      chats: [],
    }]);
  });

  it('pushes what happens in a channel once to each gateway with a member, as most see it and as some do', async () => {
    const [one, two, other] = [await attach('one', [NEWS]), await attach('two', [NEWS, ALICE]), await attach('other', [BOB])];
    const content = sealContent(await dialogSeal(keyring, 2, BOB, NEWS), BOB, NEWS, { _: 'heliograph.messageContent', message: 'to all' });
    const post = { id: 2, peer: BigInt(NEWS), from: BigInt(BOB), author: BigInt(BOB), date: 1_700_000_000, content, mentions: [BigInt(ALICE)] };
    await emit(create(BoxEventSchema, {
      box: BigInt(NEWS), version: 7n, callerAuthKeyId: 7n, callerSessionId: 8n, silent: true,
      updates: [{ pts: 2, ptsCount: 1, change: { case: 'message', value: post } }, { change: { case: 'channel', value: { joined: [BigInt(ALICE), 98n], left: [98n] } } }],
    }));
    await eventually(() => one.pushes.length === 1 && two.pushes.length === 1);
    expect(one.pushes).toEqual(two.pushes);
    expect(one.pushes[0]).toMatchObject({ userIds: [], exceptAuthKeyId: 7n, exceptSessionId: 8n, what: { case: 'channel', value: { channel: BigInt(NEWS), version: 7n, joined: [BigInt(ALICE)], left: [98n] } } });
    const { updates, variants } = (one.pushes[0] as Push).what.value as ChannelPush;
    const read = (bytes: Uint8Array): object => (readObject(bytes, 'Updates') as Updates).updates[0] as object;
    expect(read(updates)).toMatchObject({ _: 'updateNewChannelMessage', pts: 2, message: { message: 'to all', peer_id: { channel_id: channelOfBox(NEWS) }, from_id: { user_id: BOB } } });
    expect(variants.map((variant) => [variant.userIds, read(variant.updates)])).toMatchObject([[[BigInt(BOB)], { message: { out: true } }], [[BigInt(ALICE)], { message: { mentioned: true, media_unread: true } }]]);
    expect(other.pushes).toEqual([]);
  });

  it('tells those alone that something was read whose messages it is about', async () => {
    const gateway = await attach('one', [NEWS]);
    const content = sealContent(await dialogSeal(keyring, 2, BOB, NEWS), BOB, NEWS, { _: 'heliograph.messageContent', message: 'to all' });
    const wrote = (id: number, author: number): Promise<void> => emit(create(BoxEventSchema, {
      box: BigInt(NEWS), version: BigInt(id), updates: [{ pts: id, ptsCount: 1, change: { case: 'message', value: { id, peer: BigInt(NEWS), from: BigInt(author), author: BigInt(author), content } } }],
    }));
    const read = (firstReadId: number): Promise<void> => emit(create(BoxEventSchema, { box: BigInt(NEWS), updates: [{ change: { case: 'channel', value: { firstReader: BigInt(ALICE), firstReadId, secondReadId: 2 } } }] }));
    await wrote(2, BOB);
    await read(2);
    await wrote(3, BOB);
    await read(3);
    await eventually(() => gateway.pushes.length === 4);
    const [, first, , second] = gateway.pushes.map(({ what }) => what.value as ChannelPush);
    const told = (bytes?: Uint8Array): object | undefined => (bytes?.length ? (readObject(bytes, 'Updates') as Updates).updates[0] : undefined);
    expect(told(first?.updates)).toMatchObject({ _: 'updateReadChannelOutbox', max_id: 2 });
    expect(told(second?.updates)).toBeUndefined();
    expect(second?.variants.map(({ userIds, updates }) => [userIds, told(updates)])).toMatchObject([[[BigInt(ALICE)], { max_id: 2 }], [[BigInt(BOB)], { max_id: 3 }]]);
  });

  it('says nothing of who came and went but to the gateways', async () => {
    const gateway = await attach('one', [NEWS]);
    await emit(create(BoxEventSchema, { box: BigInt(NEWS), version: 3n, updates: [{ change: { case: 'channel', value: { left: [BigInt(BOB)] } } }] }));
    await eventually(() => gateway.pushes.length === 1);
    expect(gateway.pushes[0]?.what.value).toMatchObject({ left: [BigInt(BOB)], updates: new Uint8Array(), variants: [] });
  });

  it('tells a gateway that announces a channel late that its members must ask, and who of them has left', async () => {
    await emit(create(BoxEventSchema, { box: BigInt(NEWS), version: 3n, updates: [{ change: { case: 'channel', value: { left: [BigInt(BOB), BigInt(ALICE)] } } }] }));
    await emit(create(BoxEventSchema, { box: BigInt(NEWS), version: 4n, updates: [{ change: { case: 'channel', value: { joined: [BigInt(ALICE)] } } }] }));
    const witness = await attach('witness', [BOB]);
    await emit(await message(BOB, ALICE, 2, 'later'));
    await eventually(() => witness.pushes.length === 1);
    const late = await attach('late', [NEWS]);
    await eventually(() => late.pushes.length === 2);
    expect(readObject(((late.pushes[0] as Push).what.value as ChannelPush).updates, 'Updates')).toMatchObject({ _: 'updateShort', update: { _: 'updateChannelTooLong', channel_id: channelOfBox(NEWS) } });
    expect(late.pushes[1]?.what.value).toMatchObject({ left: [BigInt(BOB)], version: 3n });
  });

  it('routes a channel by what a member\'s own box says, before telling its sessions', async () => {
    const gateway = await attach('one', [ALICE]);
    await emit(create(BoxEventSchema, { box: BigInt(ALICE), updates: [{ change: { case: 'membership', value: { channel: BigInt(NEWS), present: true, version: 9n, broadcast: true } } }] }));
    await eventually(() => gateway.pushes.length === 2);
    expect(gateway.pushes[0]).toMatchObject({ userIds: [BigInt(ALICE)], what: { case: 'channelRoute', value: { channel: BigInt(NEWS), present: true, version: 9n } } });
    expect(readObject(gateway.pushes[1]?.what.value as Uint8Array, 'Updates')).toMatchObject({ updates: [{ _: 'updateChannel', channel_id: channelOfBox(NEWS) }, { _: 'updateChannelTooLong', channel_id: channelOfBox(NEWS) }] });
  });

  it('asks nobody to look into a channel that he has left', async () => {
    const gateway = await attach('one', [ALICE]);
    await emit(create(BoxEventSchema, { box: BigInt(ALICE), updates: [{ change: { case: 'membership', value: { channel: BigInt(NEWS), present: false, version: 9n } } }] }));
    await eventually(() => gateway.pushes.length === 2);
    expect(readObject(gateway.pushes[1]?.what.value as Uint8Array, 'Updates')).toMatchObject({ updates: [{ _: 'updateChannel', channel_id: channelOfBox(NEWS) }] });
  });

  it('publishes what passes in a channel to its members\' gateways', async () => {
    const [one, other] = [await attach('one', [NEWS]), await attach('other', [ALICE])];
    await kit.kit().client(FanoutService).publish({ pushes: [{ what: { case: 'channel', value: { channel: BigInt(NEWS), updates: Uint8Array.of(1) } } }] });
    await eventually(() => one.pushes.length === 1);
    expect(other.pushes).toEqual([]);
  });

  it('leaves out the session that has the change in its answer, unless it was gone', async () => {
    const gateway = await attach('one', [ALICE]);
    const event = await message(ALICE, BOB, 2, 'x');
    await emit({ ...event, callerAuthKeyId: 7n, callerSessionId: 8n, silent: true });
    await emit({ ...event, callerAuthKeyId: 7n, callerSessionId: 8n, silent: false });
    await eventually(() => gateway.pushes.length === 2);
    expect(gateway.pushes).toMatchObject([{ exceptAuthKeyId: 7n, exceptSessionId: 8n }, { exceptAuthKeyId: 0n, exceptSessionId: 0n }]);
  });

  it('sends nobody what a user\'s only session did itself', async () => {
    const gateway = await attach('one', [ALICE]);
    const session = { userId: BigInt(ALICE), authKeyId: 7n, sessionId: 8n };
    gateway.announce({ soleSessions: [session] });
    const own = { callerAuthKeyId: 7n, callerSessionId: 8n, silent: true };
    const [first, second, third, fourth] = [await message(ALICE, BOB, 2, 'x'), await message(ALICE, BOB, 3, 'y'), await message(ALICE, BOB, 4, 'z'), await message(ALICE, BOB, 5, 'later')];
    // Not an answered one, and not another session's.
    await emit({ ...first, ...own, silent: false });
    await emit({ ...second, ...own, callerSessionId: 9n });
    await emit({ ...third, ...own });
    await emit(fourth);
    await eventually(() => gateway.pushes.length >= 3);
    expect(gateway.updates().flatMap((updates) => updates.updates)).toMatchObject([{ pts: 2 }, { pts: 3 }, { pts: 5 }]);
    // One that has just come asks for what it missed.
    gateway.announce({ soleSessions: [{ userId: BigInt(ALICE) }] });
    await eventually(() => gateway.pushes.length === 4);
    expect(gateway.updates()[3]).toMatchObject({ _: 'updatesTooLong' });
  });

  it('makes sessions ask for what it cannot render, and goes on', async () => {
    const gateway = await attach('one', [ALICE]);
    const broken = await message(ALICE, BOB, 2, 'x');
    const [update] = broken.updates;
    if (update?.change.case === 'message' && update.change.value.content) update.change.value.content.sealed = new Uint8Array(40);
    const logged = jest.spyOn(console, 'error').mockImplementation(() => {});
    await emit(broken);
    await emit(await message(ALICE, BOB, 3, 'whole'));
    await eventually(() => gateway.pushes.length === 2);
    expect(gateway.updates()).toMatchObject([{ _: 'updatesTooLong' }, { _: 'updates' }]);
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockRestore();
  });

  it('makes a user ask who is announced just after a change', async () => {
    const gateway = await attach('one', []);
    await emit(await message(ALICE, BOB, 2, 'early'));
    const witness = await attach('witness', [BOB]);
    await emit(await message(BOB, ALICE, 2, 'later'));
    await eventually(() => witness.pushes.length === 1);
    gateway.announce({ usersAdded: [BigInt(ALICE)] });
    await eventually(() => gateway.pushes.length === 1);
    expect(gateway.updates()).toMatchObject([{ _: 'updatesTooLong' }]);
  });

  it('makes a device ask whose gateway announces it just after a change that another gateway was pushed', async () => {
    const there = await attach('one', [ALICE]);
    await emit(await message(ALICE, BOB, 2, 'between its state and its announcement'));
    await eventually(() => there.pushes.length === 1);
    const late = await attach('two', [ALICE]);
    await eventually(() => late.pushes.length === 1);
    expect(late.updates()).toMatchObject([{ _: 'updatesTooLong' }]);
    expect(there.updates()).toMatchObject([{ _: 'updates' }]);
  });

  it('passes transient pushes on, and broadcasts those without users', async () => {
    const [one, two] = [await attach('one', [ALICE]), await attach('two', [BOB])];
    await kit.kit().client(FanoutService).publish({ pushes: [{ userIds: [BigInt(ALICE)], what: { case: 'updates', value: Uint8Array.of(1) } }, { what: { case: 'authKeyRevoked', value: 5n } }] });
    await eventually(() => one.pushes.length === 2 && two.pushes.length === 1);
    expect(two.pushes).toMatchObject([{ what: { case: 'authKeyRevoked', value: 5n } }]);
  });

  it('lets a gateway go and come back', async () => {
    const before = await attach('one', [ALICE]);
    before.leave();
    await eventually(() => before.ended);
    const after = await attach('one', [ALICE]);
    await emit(await message(ALICE, BOB, 2, 'x'));
    await eventually(() => after.pushes.length === 1);
    expect(before.pushes).toEqual([]);
  });

  it('refuses a gateway without a name and too many pushes at once', async () => {
    const nameless = new Gateway(kit, '', []);
    await eventually(() => nameless.ended);
    expect(nameless.attached).toBe(false);
    await expect(kit.kit().client(FanoutService).publish({ pushes: Array.from({ length: 1001 }, () => ({})) })).rejects.toThrow('INVALID_ARGUMENT');
  });
});
