import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { eventually } from '@heliograph/testing/eventually';
import type { Api, Dialog, DialogFilter, DialogFolder, TypeInputNotifyPeer } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { ALICE, BOB, CAROL, openChat, updatesOf, type Chat } from '../testing/chat';

const FOREVER = 0x7fffffff;

describe('what one sets for chats', () => {
  let chat: Chat;
  beforeEach(async () => {
    chat = await openChat();
    await chat.say(ALICE, BOB, 'to bob');
    await chat.say(ALICE, CAROL, 'to carol');
  });
  afterEach(() => chat.close());

  const dialogs = async (more: Partial<Api['messages.getDialogs']['request']> = {}) => {
    const answer = await chat.call(ALICE, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n, ...more });
    if (answer._ === 'messages.dialogsNotModified') throw new Error('not modified');
    return answer;
  };
  const peersOf = (answer: { dialogs: unknown[] }) => (answer.dialogs as (Dialog | DialogFolder)[]).map((dialog) => (dialog._ === 'dialogFolder' ? 'archive' : (dialog.peer as { user_id: number }).user_id));
  const pinned = () => chat.call(ALICE, { _: 'messages.getPinnedDialogs', folder_id: 0 });
  const archive = (peer: number, folder_id = 1) => chat.call(ALICE, { _: 'folders.editPeerFolders', folder_peers: [{ _: 'inputFolderPeer', peer: chat.peer(ALICE, peer), folder_id }] });
  const differenceFrom = async (pts: number) => {
    const answer = await chat.call(ALICE, { _: 'updates.getDifference', pts, date: 0, qts: 0 });
    return 'other_updates' in answer ? answer.other_updates : [];
  };

  describe('the archive', () => {
    it('is a list of its own, one entry of the pinned ones, and learnt from the difference', async () => {
      const { pts } = await chat.call(ALICE, { _: 'updates.getState' });
      expect(updatesOf(await archive(BOB))).toEqual([expect.objectContaining({ _: 'updateFolderPeers', folder_peers: [{ _: 'folderPeer', peer: { _: 'peerUser', user_id: BOB }, folder_id: 1 }], pts: pts + 1, pts_count: 1 })]);
      expect(peersOf(await dialogs())).toEqual([CAROL, BOB]);
      const main = await dialogs({ folder_id: 0 });
      expect(peersOf(main)).toEqual([CAROL]);
      expect(main.messages).toHaveLength(1);
      expect(peersOf(await dialogs({ folder_id: 0, exclude_pinned: true }))).toEqual([CAROL]);
      const archived = await dialogs({ folder_id: 1 });
      expect(peersOf(archived)).toEqual([BOB]);
      expect(archived.dialogs[0]).toMatchObject({ folder_id: 1 });
      expect(peersOf(await pinned())).toEqual(['archive']);
      expect((await pinned()).dialogs[0]).toMatchObject({ pinned: true, folder: { id: 1 }, peer: { user_id: BOB }, unread_unmuted_peers_count: 0 });
      expect((await pinned()).messages).toHaveLength(1);
      expect(peersOf(await chat.call(ALICE, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeerFolder', folder_id: 1 }] }))).toEqual(['archive']);
      expect((await differenceFrom(pts)).map((update) => update._)).toEqual(['updateFolderPeers']);
      expect(updatesOf(await archive(BOB))).toEqual([]);
      await archive(BOB, 0);
      expect(peersOf(await dialogs({ folder_id: 0 }))).toEqual([CAROL, BOB]);
    });

    it('counts what is unread in it, muted or not, and gives back who is not muted', async () => {
      const muted = { _: 'inputNotifyPeer', peer: chat.peer(ALICE, BOB) } as const;
      await chat.call(ALICE, { _: 'account.updateNotifySettings', peer: muted, settings: { _: 'inputPeerNotifySettings', mute_until: FOREVER } });
      await archive(BOB);
      await archive(CAROL);
      await chat.say(BOB, ALICE, 'one');
      await chat.say(BOB, ALICE, 'two');
      await eventually(async () => ((await pinned()).dialogs[0] as DialogFolder).unread_muted_messages_count === 2);
      await chat.say(CAROL, ALICE, 'back');
      await eventually(async () => peersOf(await dialogs({ folder_id: 0 })).includes(CAROL));
      expect(peersOf(await dialogs({ folder_id: 1 }))).toEqual([BOB]);
    });

    it('pins by itself', async () => {
      await archive(BOB);
      const dialogPeer = { _: 'inputDialogPeer' as const, peer: chat.peer(ALICE, BOB) };
      await chat.call(ALICE, { _: 'messages.toggleDialogPin', pinned: true, peer: dialogPeer });
      expect(peersOf(await chat.call(ALICE, { _: 'messages.getPinnedDialogs', folder_id: 1 }))).toEqual([BOB]);
      // The list that clients send names the archive too.
      await chat.call(ALICE, { _: 'messages.reorderPinnedDialogs', force: true, folder_id: 0, order: [{ _: 'inputDialogPeerFolder', folder_id: 1 }, { _: 'inputDialogPeer', peer: chat.peer(ALICE, CAROL) }] });
      expect(peersOf(await chat.call(ALICE, { _: 'messages.getPinnedDialogs', folder_id: 0 }))).toEqual(['archive', CAROL]);
    });

    it('refuses other folders and foreign peers', async () => {
      await expect(archive(BOB, 2)).rejects.toThrow('FOLDER_ID_INVALID');
      await expect(dialogs({ folder_id: 2 })).rejects.toThrow('FOLDER_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'folders.editPeerFolders', folder_peers: [{ _: 'inputFolderPeer', peer: chat.peer(BOB, CAROL), folder_id: 1 }] })).rejects.toThrow('PEER_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'folders.editPeerFolders', folder_peers: [{ _: 'inputFolderPeer', peer: { _: 'inputPeerChat', chat_id: 5 }, folder_id: 1 }] })).rejects.toThrow('CHAT_ID_INVALID');
    });
  });

  describe('notifications', () => {
    const update = (peer: TypeInputNotifyPeer, settings: Partial<Api['account.updateNotifySettings']['request']['settings']>) => chat.call(ALICE, { _: 'account.updateNotifySettings', peer, settings: { _: 'inputPeerNotifySettings', ...settings } });
    const get = (peer: TypeInputNotifyPeer) => chat.call(ALICE, { _: 'account.getNotifySettings', peer });
    const ofBob = (): TypeInputNotifyPeer => ({ _: 'inputNotifyPeer', peer: chat.peer(ALICE, BOB) });
    const exceptions = async (more: Partial<Api['account.getNotifyExceptions']['request']> = {}) => updatesOf(await chat.call(ALICE, { _: 'account.getNotifyExceptions', ...more }));

    it('are set for a chat and shown wherever it is', async () => {
      await update(ofBob(), { mute_until: FOREVER, sound: { _: 'notificationSoundNone' } });
      const set = { mute_until: FOREVER, ios_sound: { _: 'notificationSoundNone' }, android_sound: { _: 'notificationSoundNone' } };
      expect(await get(ofBob())).toMatchObject(set);
      expect((await dialogs()).dialogs.find((dialog) => dialog._ === 'dialog' && 'user_id' in dialog.peer && dialog.peer.user_id === BOB)).toMatchObject({ notify_settings: set });
      const shown = await chat.kit.kit().client(MessageStoreService).getDialogSettings({ userId: BigInt(ALICE), peer: BigInt(BOB) });
      expect(readObject(shown.notifySettings, 'PeerNotifySettings')).toMatchObject(set);
      await update(ofBob(), {});
      expect(await get(ofBob())).not.toMatchObject({ mute_until: FOREVER });
    });

    it('have defaults by kind', async () => {
      expect(await get({ _: 'inputNotifyUsers' })).toMatchObject({ show_previews: true, silent: false, mute_until: 0 });
      await update({ _: 'inputNotifyChats' }, { mute_until: FOREVER, show_previews: false });
      expect(await get({ _: 'inputNotifyChats' })).toMatchObject({ show_previews: false, mute_until: FOREVER });
      expect(await get({ _: 'inputNotifyBroadcasts' })).toMatchObject({ mute_until: 0 });
    });

    it('tell which chats are exceptions, until all is reset', async () => {
      await update(ofBob(), { mute_until: 0 });
      await update({ _: 'inputNotifyPeer', peer: chat.peer(ALICE, CAROL) }, { sound: { _: 'notificationSoundNone' } });
      const peers = async (more?: Parameters<typeof exceptions>[0]) => (await exceptions(more)).map((one) => (one._ === 'updateNotifySettings' && one.peer._ === 'notifyPeer' && one.peer.peer._ === 'peerUser' ? one.peer.peer.user_id : 0));
      expect(await peers()).toEqual([BOB]);
      expect(await peers({ compare_sound: true })).toEqual([BOB, CAROL]);
      expect(await peers({ compare_sound: true, peer: { _: 'inputNotifyChats' } })).toEqual([]);
      expect(await peers({ compare_sound: true, peer: { _: 'inputNotifyPeer', peer: chat.peer(ALICE, CAROL) } })).toEqual([CAROL]);
      await chat.call(ALICE, { _: 'account.resetNotifySettings' });
      expect(await peers({ compare_sound: true })).toEqual([]);
    });

    it.each<[string, () => Promise<unknown>]>([
      ['SETTINGS_INVALID', () => update(ofBob(), { mute_until: -1 })],
      ['SETTINGS_INVALID', () => update(ofBob(), { sound: { _: 'notificationSoundRingtone', id: 1n } })],
      ['SETTINGS_INVALID', () => update(ofBob(), { sound: { _: 'notificationSoundLocal', title: 'x'.repeat(300), data: '' } })],
      ['PEER_ID_INVALID', () => get({ _: 'inputNotifyPeer', peer: { _: 'inputPeerChat', chat_id: 5 } })],
      ['PEER_ID_INVALID', () => get({ _: 'inputNotifyPeer', peer: chat.peer(BOB, CAROL) })],
      ['MSG_ID_INVALID', () => get({ _: 'inputNotifyForumTopic', peer: chat.peer(ALICE, BOB), top_msg_id: 1 })],
    ])('are refused: %s', async (error, act) => {
      await expect(act()).rejects.toThrow(error);
    });
  });

  describe('folders', () => {
    const filters = async () => (await chat.call(ALICE, { _: 'messages.getDialogFilters' })).filters;
    const folder = (id: number, text: string, more: Partial<DialogFilter> = {}) => chat.call(ALICE, {
      _: 'messages.updateDialogFilter', id,
      filter: { _: 'dialogFilter', id, title: { _: 'textWithEntities', text, entities: [] }, groups: true, pinned_peers: [], include_peers: [], exclude_peers: [], ...more },
    });

    it('are made, changed, put in order, tagged and deleted', async () => {
      expect(await filters()).toEqual([{ _: 'dialogFilterDefault' }]);
      await folder(2, 'Work', { pinned_peers: [chat.peer(ALICE, BOB)], include_peers: [{ _: 'inputPeerSelf' }, chat.peer(ALICE, BOB)], exclude_peers: [chat.peer(ALICE, CAROL)], emoticon: '💼' });
      await folder(3, ' Play ');
      expect(await filters()).toMatchObject([
        { _: 'dialogFilterDefault' },
        { id: 2, title: { text: 'Work' }, emoticon: '💼', groups: true, pinned_peers: [chat.peer(ALICE, BOB)], include_peers: [chat.peer(ALICE, ALICE)], exclude_peers: [chat.peer(ALICE, CAROL)] },
        { id: 3, title: { text: 'Play' } },
      ]);
      await folder(2, 'Job');
      await chat.call(ALICE, { _: 'messages.updateDialogFiltersOrder', order: [3, 0, 2] });
      await chat.call(ALICE, { _: 'messages.toggleDialogFilterTags', enabled: true });
      expect(await chat.call(ALICE, { _: 'messages.getDialogFilters' })).toMatchObject({ tags_enabled: true, filters: [{ title: { text: 'Play' } }, { _: 'dialogFilterDefault' }, { title: { text: 'Job' } }] });
      await chat.call(ALICE, { _: 'messages.updateDialogFilter', id: 3 });
      expect((await filters()).map((one) => ('id' in one ? one.id : 0))).toEqual([0, 2]);
      expect((await chat.call(ALICE, { _: 'messages.getSuggestedDialogFilters' })).map(({ filter }) => filter._ === 'dialogFilter' && filter.title.text)).toEqual(['Unread', 'Personal']);
    });

    it.each<[string, () => Promise<unknown>]>([
      ['FILTER_ID_INVALID', () => folder(1, 'x')],
      ['FILTER_ID_INVALID', () => folder(256, 'x')],
      ['FILTER_ID_INVALID', () => chat.call(ALICE, { _: 'messages.updateDialogFilter', id: 9 })],
      ['FILTER_TITLE_EMPTY', () => folder(2, '')],
      ['FILTER_INCLUDE_EMPTY', () => folder(2, 'x', { groups: undefined })],
      ['PEER_ID_INVALID', () => folder(2, 'x', { include_peers: [chat.peer(BOB, CAROL)] })],
      ['CHAT_ID_INVALID', () => folder(2, 'x', { exclude_peers: [{ _: 'inputPeerChat', chat_id: 5 }] })],
      ['FILTER_NOT_SUPPORTED', () => chat.call(ALICE, { _: 'messages.updateDialogFilter', id: 2, filter: { _: 'dialogFilterDefault' } })],
    ])('are refused: %s', async (error, act) => {
      await expect(act()).rejects.toThrow(error);
    });
  });
});
