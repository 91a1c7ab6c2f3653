import { IMPLEMENTED_METHODS, methodOwner } from '@heliograph/client-api/gen/routes';
import type { Api } from '@heliograph/tl/api';
import { ALICE, BOB, CAROL, openChat, type Chat } from '../../testing/chat';

/** Calls of the methods whose whole work is a truthful empty answer; `$bob` stands for a peer. */
const EMPTY: { [M in keyof Api]?: Record<string, unknown> } = {
  'messages.getAllStickers': { hash: 0n },
  'messages.getArchivedStickers': { offset_id: 0n, limit: 10 },
  'messages.getAttachMenuBots': { hash: 0n },
  'messages.getAvailableEffects': { hash: 0 },
  'messages.getCustomEmojiDocuments': { document_id: [1n] },
  'messages.getDefaultTagReactions': { hash: 0n },
  'messages.getEmojiGameInfo': {},
  'messages.getEmojiGroups': { hash: 0 },
  'messages.getEmojiKeywords': { lang_code: 'en' },
  'messages.getEmojiKeywordsDifference': { lang_code: 'en', from_version: 3 },
  'messages.getEmojiKeywordsLanguages': { lang_codes: ['en'] },
  'messages.getEmojiProfilePhotoGroups': { hash: 0 },
  'messages.getEmojiStatusGroups': { hash: 0 },
  'messages.getEmojiStickerGroups': { hash: 0 },
  'messages.getEmojiStickers': { hash: 0n },
  'messages.getExtendedMedia': { peer: '$bob', id: [1] },
  'messages.getFavedStickers': { hash: 0n },
  'messages.getFeaturedEmojiStickers': { hash: 0n },
  'messages.getFeaturedStickers': { hash: 0n },
  'messages.getMaskStickers': { hash: 0n },
  'messages.getMessagesViews': { peer: '$bob', id: [1], increment: true },
  'messages.getMyStickers': { offset_id: 0n, limit: 10 },
  'messages.getOldFeaturedStickers': { offset: 0, limit: 10, hash: 0n },
  'messages.getQuickReplies': { hash: 0n },
  'messages.getRecentLocations': { peer: '$bob', limit: 10, hash: 0n },
  'messages.getRecentStickers': { hash: 0n },
  'messages.getSavedGifs': { hash: 0n },
  'messages.getSavedReactionTags': { hash: 0n },
  'messages.getSponsoredMessages': { peer: '$bob' },
  'messages.getWebPage': { url: 'https://example.com', hash: 0 },
  'messages.getWebPagePreview': { message: 'https://example.com' },
  'messages.receivedMessages': { max_id: 1 },
  'messages.searchCustomEmoji': { emoticon: '👍', hash: 0n },
  'messages.searchEmojiStickerSets': { q: 'x', hash: 0n },
  'messages.searchSentMedia': { q: '', filter: { _: 'inputMessagesFilterPhotos' }, limit: 10 },
  'messages.searchStickerSets': { q: 'x', hash: 0n },
  'messages.searchStickers': { q: 'x', emoticon: '👍', lang_code: [], offset: 0, limit: 10, hash: 0n },
};

describe('what is not built yet', () => {
  let chat: Chat;
  beforeAll(async () => {
    chat = await openChat();
    await chat.say(ALICE, BOB, 'x');
  });
  afterAll(() => chat.close());

  const call = (method: string, given: Record<string, unknown>, viewer = ALICE) => {
    const request = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === '$bob' ? chat.peer(viewer, BOB) : value]));
    return chat.call(ALICE, { _: method, ...request } as Api['updates.getState']['request']) as Promise<unknown>;
  };
  /** Names of the lists of an answer that hold something. */
  const filled = (answer: unknown): string[] => Object.entries(answer as object).filter(([, value]) => Array.isArray(value) && value.length > 0).map(([name]) => name);

  it.each(Object.entries(EMPTY))('%s answers with nothing in it', async (method, given) => {
    expect(IMPLEMENTED_METHODS).toContain(method);
    const answer = await call(method, given as Record<string, unknown>);
    const allowed: Record<string, string[]> = { 'messages.getMessagesViews': ['views'] };
    expect(filled(answer)).toEqual(allowed[method] ?? []);
  });

  it.each(Object.entries(EMPTY).filter(([, given]) => Object.values(given ?? {}).includes('$bob')))('%s checks the access hash', async (method, given) => {
    await expect(call(method, given as Record<string, unknown>, CAROL)).rejects.toThrow('PEER_ID_INVALID');
  });

  it('answers NOT_IMPLEMENTED for the rest', async () => {
    expect(methodOwner('messages.uploadMedia')).toBeUndefined();
    await expect(call('messages.getStickers', { emoticon: 'x', hash: 0n })).rejects.toThrow('NOT_IMPLEMENTED');
  });

  it('names no sticker set', async () => {
    await expect(call('messages.getStickerSet', { stickerset: { _: 'inputStickerSetAnimatedEmoji' }, hash: 0 })).rejects.toThrow('STICKERSET_INVALID');
  });

  it('offers to add or block a stranger, and nothing about oneself', async () => {
    expect(await call('messages.getPeerSettings', { peer: '$bob' })).toMatchObject({ settings: { add_contact: true, block_contact: true } });
    expect(await call('messages.getPeerSettings', { peer: { _: 'inputPeerSelf' } })).toMatchObject({ settings: { _: 'peerSettings' } });
    for (const peer of ['$bob', { _: 'inputPeerSelf' }]) expect(await call('messages.hidePeerSettingsBar', { peer })).toBe(true);
    expect(await call('messages.getPeerSettings', { peer: '$bob' })).toMatchObject({ settings: { add_contact: undefined, block_contact: undefined } });
    await expect(call('messages.hidePeerSettingsBar', { peer: { _: 'inputPeerUser', user_id: 34_000_034, access_hash: 1n } })).rejects.toThrow('PEER_ID_INVALID');
  });
});
