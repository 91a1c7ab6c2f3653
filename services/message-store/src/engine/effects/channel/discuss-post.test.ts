import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChannelActSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../../change';
import { THREADS_READ_MAX } from '../../limits';
import { content, TestBox } from '../../test-box';

const NEWS = channelBox(2 ** 20 * 32 * 32 + 2);
const TALK = channelBox(2 ** 20 * 32 * 32 + 3);
const OTHER = channelBox(2 ** 20 * 32 * 32 + 35);
const [ANN, BEN] = [98, 130] as const;
const START = 1_800_000_000;

type Act = NonNullable<MessageInitShape<typeof ChannelActSchema>['act']>;
type DerivedBody = Extract<Change['derived'][number], { body: unknown }>;

/** Channels whose derived commands are carried by hand. */
class World {
  now = START;
  private constructor(readonly boxes: Map<number, TestBox>) {}

  static async open(): Promise<World> {
    const world = new World(new Map());
    for (const box of [NEWS, TALK, OTHER]) {
      world.boxes.set(box, await TestBox.open(box));
      await world.act(box, { case: 'create', value: { titleSealed: Uint8Array.of(1), broadcast: box === NEWS } });
    }
    await world.link(TALK, NEWS);
    await world.link(NEWS, TALK);
    return world;
  }

  box(box: number): TestBox {
    return this.boxes.get(box) as TestBox;
  }

  act(box: number, act: Act): Promise<Change> {
    this.now += 1;
    return this.box(box).apply({ case: 'channelAct', value: { actor: BigInt(ANN), act } }, { date: this.now });
  }

  link(box: number, to: number): Promise<Change> {
    return this.act(box, { case: 'setSettings', value: { linked: to === 0 ? 0n : BigInt(channelOfBox(to)) } });
  }

  post(text = 'hello', more: object = {}): Promise<Change> {
    return this.act(NEWS, { case: 'post', value: { randomId: 0n, content: content(text), ...more } });
  }

  /** Hands over what a command derived for other channels; what each came to. */
  async carry({ version, derived }: Change): Promise<Change[]> {
    const changes: Change[] = [];
    for (const [index, each] of derived.entries()) {
      const { box, body } = each as DerivedBody;
      if (this.boxes.has(box)) changes.push(await this.box(box).apply(body, { date: this.now, origin: { box: BigInt(NEWS), version, index } }));
    }
    return changes;
  }

  alive(box: number): ReturnType<ReturnType<TestBox['reader']>['history']> {
    return this.box(box).reader().history({ peer: box, maxId: 0, minId: 0, limit: 100 });
  }
}

describe('a post of a broadcast that is discussed', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open();
  });

  it('costs one command more, and becomes one message of the group, which is pinned', async () => {
    const post = await world.post();
    expect(post.derived).toMatchObject([{ box: TALK, body: { case: 'discussPost' } }]);
    expect(post.message).toMatchObject({ discussion: BigInt(channelOfBox(TALK)) });
    const [copied] = await world.carry(post);
    const id = post.message?.id ?? 0;
    expect(copied?.message).toMatchObject({ uid: { box: BigInt(NEWS), id }, from: BigInt(NEWS), author: 0n, peer: BigInt(TALK), content: content('hello'), discussion: 0n });
    expect(copied?.ptsCount).toBe(2);
    expect(world.box(TALK).dialogs.get(TALK)?.pinnedIds).toEqual([copied?.message?.id]);
    // Carried twice it is there once.
    expect((await world.carry(post))[0]?.isEmpty).toBe(true);
    expect(await world.alive(TALK)).toHaveLength(1);
  });

  it('is what is posted: not what the channel says of itself, and nothing where nobody is linked', async () => {
    expect((await world.act(NEWS, { case: 'setTitle', value: { titleSealed: Uint8Array.of(2) } })).derived).toEqual([]);
    expect((await world.act(TALK, { case: 'post', value: { randomId: 0n, content: content('in the group') } })).derived).toEqual([]);
    await world.link(NEWS, 0);
    const post = await world.post();
    expect(post).toMatchObject({ derived: [], message: { discussion: 0n } });
  });

  it('is followed by what becomes of it', async () => {
    const post = await world.post();
    await world.carry(post);
    const id = post.message?.id ?? 0;
    await world.carry(await world.act(NEWS, { case: 'edit', value: { id, content: content('better') } }));
    const [copy] = await world.alive(TALK);
    expect(copy).toMatchObject({ content: content('better'), editDate: world.now });
    const gone = await world.act(NEWS, { case: 'delete', value: { ids: [id] } });
    expect((await world.carry(gone))[0]?.updates.map(({ change }) => change.case)).toEqual(['deleted']);
    expect(await world.alive(TALK)).toEqual([]);
    // Nobody else's message goes with it.
    const other = await world.post('two');
    await world.carry(other);
    expect((await world.act(NEWS, { case: 'deleteHistory', value: {} })).derived).toMatchObject([{ box: TALK, body: { case: 'deleteCopy', value: { uids: [{ id: other.message?.id }] } } }]);
  });

  it('stays as it was in a group that was unlinked since', async () => {
    const post = await world.post();
    await world.carry(post);
    await world.link(OTHER, NEWS);
    await world.link(NEWS, OTHER);
    const id = post.message?.id ?? 0;
    expect((await world.act(NEWS, { case: 'edit', value: { id, content: content('better') } })).derived).toEqual([]);
    expect((await world.act(NEWS, { case: 'delete', value: { ids: [id] } })).derived).toEqual([]);
    await world.carry(await world.post('two'));
    expect((await world.alive(OTHER)).map(({ content: said }) => said)).toMatchObject([content('two')]);
    expect((await world.alive(TALK)).map(({ content: said }) => said)).toMatchObject([content('hello')]);
  });

  it('is not taken by a group that has ended the link, nor later', async () => {
    const post = await world.post();
    await world.link(TALK, 0);
    expect((await world.carry(post))[0]).toMatchObject({ ptsCount: 0, message: undefined });
    await world.link(TALK, NEWS);
    await world.carry(post);
    expect(await world.alive(TALK)).toEqual([]);
    await world.carry(await world.post('two'));
    expect(await world.alive(TALK)).toHaveLength(1);
  });

  it('comes out the same when it is repeated after a crash', async () => {
    const post = await world.post();
    const box = world.box(TALK);
    const command = box.command((post.derived[0] as DerivedBody).body, { date: world.now, origin: { box: BigInt(NEWS), version: post.version, index: 0 } });
    const version = box.version + 1n;
    const { head } = box;
    const dialogs = box.dialogs.snapshot();
    const first = await box.effect(command, version);
    await box.take(first);
    // Rows are there, the head and the dialogs are not.
    Object.assign(box, { head, dialogs });
    const again = await box.effect(command, version);
    expect(again.rows).toEqual(first.rows);
    expect(again.message).toEqual(first.message);
  });
});

describe('threads that are read', () => {
  const read = (box: TestBox, id: number, maxId: number): Promise<Change> => box.apply({ case: 'readThread', value: { channel: BigInt(TALK), thread: { id, maxId, broadcast: 5n, post: 6 } } });

  it('are told once, and forgotten with what the channel is read up to, or the oldest first', async () => {
    const box = await TestBox.open(BEN);
    const thread = { id: 3, maxId: 9, broadcast: 5n, post: 6 };
    expect((await read(box, 3, 9)).updates).toMatchObject([{ pts: 0, change: { case: 'threadRead', value: { channel: BigInt(TALK), thread } } }]);
    expect((await read(box, 3, 8)).isEmpty).toBe(true);
    await read(box, 4, 20);
    await read(box, 3, 12);
    expect(box.dialogs.get(TALK)?.threads.map(({ id, maxId }) => [id, maxId])).toEqual([[4, 20], [3, 12]]);
    for (let id = 100; id < 100 + THREADS_READ_MAX - 1; id += 1) await read(box, id, 1_000);
    expect(box.dialogs.get(TALK)?.threads.map(({ id }) => id).slice(0, 2)).toEqual([3, 100]);
    await box.apply({ case: 'channelTold', value: { channel: BigInt(TALK), membership: { present: true, pts: 5 } } });
    await box.apply({ case: 'readChannel', value: { channel: BigInt(TALK), maxId: 15 } });
    expect(box.dialogs.get(TALK)?.threads).toHaveLength(THREADS_READ_MAX - 1);
    expect((await read(box, 5, 15)).isEmpty).toBe(true);
  });
});
