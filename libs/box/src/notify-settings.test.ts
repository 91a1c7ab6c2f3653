import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import { NotifyKind } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { openFilter, sealFilter } from './dialog-filter';
import { defaultNotifySettings, openNotifySettings, renderNotifyPeer, renderNotifySettings, sealNotifySettings, settingsScope } from './notify-settings';

const ME = 33_554_466;
const key = memoryKeyring().dataKey(settingsScope(ME));
const SOUND = { _: 'notificationSoundLocal', title: 'bell', data: 'bell.ogg' } as const;

describe('notification settings', () => {
  it('open where they were sealed, and nowhere else', async () => {
    const sealed = sealNotifySettings(await key, ME, { peer: 5 }, { _: 'inputPeerNotifySettings', mute_until: 7, sound: SOUND });
    expect(sealed).toMatchObject({ muteUntil: 7 });
    expect(Buffer.from(sealed?.sealed ?? []).includes('bell')).toBe(false);
    expect(renderNotifySettings(await key, ME, { peer: 5 }, sealed)).toMatchObject({ mute_until: 7, ios_sound: SOUND, android_sound: SOUND, other_sound: SOUND });
    for (const target of [{ peer: 6 }, { peer: 0, kind: NotifyKind.USERS }] as const) await expect(key.then((own) => openNotifySettings(own, ME, target, sealed))).rejects.toThrow();
  });

  it('are none when nothing is set', async () => {
    expect(sealNotifySettings(await key, ME, { peer: 5 }, { _: 'inputPeerNotifySettings' })).toBeUndefined();
    expect(defaultNotifySettings({ peer: 5 })).toEqual({ _: 'peerNotifySettings' });
  });

  it('of a kind say what holds where nothing is set', async () => {
    const target = { peer: 0, kind: NotifyKind.CHATS } as const;
    expect(defaultNotifySettings(target)).toMatchObject({ show_previews: true, silent: false, mute_until: 0, ios_sound: { _: 'notificationSoundDefault' } });
    expect(renderNotifySettings(await key, ME, target, sealNotifySettings(await key, ME, target, { _: 'inputPeerNotifySettings', silent: true }))).toMatchObject({ show_previews: true, silent: true });
  });

  it('name whose they are', () => {
    expect([{ peer: 5 }, { peer: -5 }, { peer: 0, kind: NotifyKind.BROADCASTS }].map((target) => renderNotifyPeer(target as Parameters<typeof renderNotifyPeer>[0]))).toEqual([
      { _: 'notifyPeer', peer: { _: 'peerUser', user_id: 5 } }, { _: 'notifyPeer', peer: { _: 'peerChat', chat_id: 5 } }, { _: 'notifyBroadcasts' },
    ]);
  });
});

it('a filter opens under its own id alone', async () => {
  const filter = { _: 'dialogFilter', id: 2, title: { _: 'textWithEntities', text: 'Work', entities: [] }, groups: true, pinned_peers: [], include_peers: [{ _: 'inputPeerChat', chat_id: 9 }], exclude_peers: [] } as const;
  const sealed = sealFilter(await key, ME, 2, { ...filter, pinned_peers: [], include_peers: [...filter.include_peers], exclude_peers: [], title: { ...filter.title, entities: [] } });
  expect(openFilter(await key, ME, { id: 2, sealed, shared: true })).toEqual(filter);
  await expect(key.then((own) => openFilter(own, ME, { id: 3, sealed, shared: false }))).rejects.toThrow();
});
