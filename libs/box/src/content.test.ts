import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { makeDataKey } from '@heliograph/crypto/data-key';
import { ContentSchema, MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import { channelBox } from './box-id';
import { openContent, openDraft, sealContent, sealDraft, type MessageContent } from './content';
import { dialogKeys, dialogScope, dialogSeal, keysHere, sealedIn, sealingsOf } from './dialog-key';
import { groupSeal, openAbout, openTitle, sealAbout, sealTitle } from './group-title';
import { TOKEN_BYTES } from './search-words';

const key = makeDataKey('dialog:3:5', 1, new Uint8Array(32).fill(7));
const keyring = createKeyringClient({ secret: async () => new Uint8Array(32), dataKey: async (scope) => ({ key: createHash('sha256').update(scope).digest(), version: 1 }), deleteDataKey: async () => {} });
const content: MessageContent = { _: 'heliograph.messageContent', message: 'see example.com', entities: [{ _: 'messageEntityUrl', offset: 4, length: 11 }] };
const recordOf = (peer: number, sealed: Uint8Array) => create(MessageRecordSchema, { peer: BigInt(peer), content: create(ContentSchema, { sealed }) });

/** Users of DC 3, 5 and 7. */
const [U3, U5, U7] = [35, 37, 39];
const open = async (box: number, record: ReturnType<typeof recordOf>) => openContent(await dialogKeys(keyring, box, [record]), box, record);

describe('sealContent', () => {
  it.each([[U3, U3 + 32, 0], [U3, U5, 3], [777000, U3, 0], [U3, U3, 0]])('opens on both sides of the dialog of %d and %d as it was', async (a, b, mark) => {
    const { sealed, mediaClass, service } = sealContent(await dialogSeal(keyring, 3, a, b), a, b, content);
    expect(await open(a, recordOf(b, sealed))).toEqual(content);
    expect(await open(b, recordOf(a, sealed))).toEqual(content);
    expect(sealedIn(sealed)).toBe(mark);
    expect({ mediaClass, service }).toEqual({ mediaClass: 1, service: false });
    expect(Buffer.from(sealed).includes('example')).toBe(false);
  });

  it.each([U3 + 32, U5])('does not open in another dialog than that with %d, or changed', async (peer) => {
    const { sealed } = sealContent(await dialogSeal(keyring, 3, U3, peer), U3, peer, content);
    await expect(open(U3, recordOf(U7, sealed))).rejects.toThrow();
    for (const at of [0, 20]) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(open(U3, recordOf(peer, changed))).rejects.toThrow();
    }
  });

  it('seals under a key of each DC, which both open', async () => {
    const [there, here] = await Promise.all([5, 3].map(async (dc) => sealContent(await dialogSeal(keyring, dc, U3, U5), U3, U5, content).sealed));
    expect([there, here].map((sealed) => sealedIn(sealed as Uint8Array))).toEqual([5, 3]);
    for (const sealed of [there, here]) expect(await open(U5, recordOf(U3, sealed as Uint8Array))).toEqual(content);
  });

  it('marks words and classes without showing them', () => {
    const { tokens } = sealContent({ key, dc: 0 }, 5, 3, content);
    const words = ['\u0001class:1', 'see', 'example', 'com'];
    expect(Buffer.from(tokens)).toEqual(Buffer.concat(words.map((word) => key.token(word))));
    expect(sealContent({ key, dc: 0 }, 5, 3, { ...content, message: Array.from({ length: 200 }, (_, i) => `w${i}`).join(' ') }).tokens).toHaveLength(64 * TOKEN_BYTES);
  });

  it('tells service messages', () => {
    expect(sealContent({ key, dc: 0 }, 5, 3, { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionPinMessage' } })).toMatchObject({ service: true, mediaClass: 0 });
  });
});

describe('of a basic group', () => {
  const CHAT = 1_048_611;
  const fromDc = async (dc: number) => sealContent(await dialogSeal(keyring, dc, U3, -CHAT), U3, -CHAT, content).sealed;

  test('what any DC sealed opens in every member’s box and in the group’s own', async () => {
    for (const dc of [3, 5]) {
      const sealed = await fromDc(dc);
      expect(sealedIn(sealed)).toBe(dc);
      for (const member of [U3, U5, U7]) expect(await open(member, recordOf(-CHAT, sealed))).toEqual(content);
      expect(await open(-CHAT, recordOf(0, sealed))).toEqual(content);
    }
  });

  test('it does not open in another group or in a private chat', async () => {
    const sealed = await fromDc(3);
    await expect(open(U3, recordOf(-CHAT - 32, sealed))).rejects.toThrow();
    await expect(open(U3, recordOf(U5, sealed))).rejects.toThrow();
  });

  test('a message that is gone takes no key', async () => {
    await expect(dialogKeys(keyring, U3, [recordOf(-CHAT, new Uint8Array(0)), { peer: BigInt(-CHAT) }])).resolves.toBeDefined();
  });

  test('titles and abouts open as such, whoever sealed them', async () => {
    for (const dc of [3, 5]) {
      const seal = await groupSeal(keyring, dc, -CHAT);
      const title = sealTitle(seal, -CHAT, 'Straße 5');
      expect(Buffer.from(title).includes('Stra')).toBe(false);
      expect(await openTitle(keyring, -CHAT, title)).toBe('Straße 5');
      await expect(openAbout(keyring, -CHAT, title)).rejects.toThrow();
      await expect(openTitle(keyring, -CHAT - 32, title)).rejects.toThrow();
      expect(await openAbout(keyring, -CHAT, sealAbout(seal, -CHAT, 'what for'))).toBe('what for');
      expect(await openAbout(keyring, -CHAT, sealAbout(seal, -CHAT, ''))).toBe('');
    }
  });

  test('a search asks for the keys that are here and makes none', async () => {
    const made: string[] = [];
    const here = { ...keyring, dataKey: async (scope: string) => (made.push(scope), keyring.dataKey(scope)), findDataKey: async (scope: string) => (scope.endsWith(':5') ? keyring.dataKey(scope) : undefined) };
    expect((await keysHere(here, 3, [3, 5, 7], U3, -CHAT)).map(({ scope }) => scope)).toEqual([`group:${CHAT}:5`]);
    expect(made).toEqual([]);
  });
});

describe('a copy of a broadcast’s post', () => {
  const [NEWS, TALK] = [channelBox(1_000_000_035), channelBox(1_000_000_037)];
  const copyOf = (sealed: Uint8Array, from = NEWS) => create(MessageRecordSchema, { id: 9, peer: BigInt(TALK), uid: { box: BigInt(from), id: 4 }, date: 7, content: create(ContentSchema, { sealed }) });
  const sealPost = async (post: MessageContent) => sealContent(await dialogSeal(keyring, 3, U3, NEWS), U3, NEWS, post).sealed;
  const from = { _: 'peerChannel', channel_id: 1_000_000_035 };

  test('opens as the post, and says where it comes from', async () => {
    const sealed = await sealPost({ ...content, grouped_id: 5n, post_author: 'Ada', quote_text: 'see' });
    expect(await open(TALK, copyOf(sealed))).toEqual({
      ...content, grouped_id: 5n, fwd_from: { _: 'messageFwdHeader', from_id: from, date: 7, channel_post: 4, post_author: 'Ada', saved_from_peer: from, saved_from_msg_id: 4 },
    });
    await expect(open(TALK, copyOf(sealed, TALK))).rejects.toThrow();
    await expect(open(TALK, copyOf(sealed, NEWS - 2))).rejects.toThrow();
  });

  test('keeps the first author of what was forwarded', async () => {
    const fwd_from = { _: 'messageFwdHeader' as const, from_id: { _: 'peerUser' as const, user_id: U5 }, date: 3 };
    expect(await open(TALK, copyOf(await sealPost({ ...content, fwd_from })))).toEqual({ ...content, fwd_from: { ...fwd_from, saved_from_peer: from, saved_from_msg_id: 4 } });
  });
});

test('a dialog has one scope, whoever looks', () => {
  expect(dialogScope(9, 10)).toBe('dialog:9:10');
  expect(dialogScope(10, 9)).toBe('dialog:9:10');
  expect(dialogScope(10, 9, 2)).toBe('dialog:9:10:2');
  expect(dialogScope(10, -9, 2)).toBe('group:9:2');
  expect(dialogScope(-9, 0, 2)).toBe('group:9:2');
});

test.each([
  [3, U3, U3 + 32, true, [0]],
  [3, U3, 777000, true, [0]],
  [3, U3, U5, true, [3, 5]],
  [3, U3, U5, false, [3]],
  [5, U3, U3 + 32, true, [0, 3, 5]],
])('in DC %d the dialog of %d with %d (received: %p) may be sealed in %p', (dc, box, peer, received, expected) => {
  expect(sealingsOf(dc, box, peer, received).sort()).toEqual(expected);
});

test('a draft opens for its owner and dialog only', () => {
  const sealed = sealDraft(key, 3, 5, { _: 'heliograph.draft', message: 'half', date: 9 });
  expect(openDraft(key, 3, 5, sealed)).toEqual({ _: 'draftMessage', message: 'half', date: 9 });
  expect(() => openDraft(key, 3, 7, sealed)).toThrow();
  expect(() => openDraft(key, 5, 3, sealed)).toThrow();
});
