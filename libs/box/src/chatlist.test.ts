import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import { channelBox } from './box-id';
import { openJoined, openLink, sealJoined, sealLink } from './chatlist';
import { settingsScope } from './notify-settings';

const ME = 33_554_466;
const NONCE = 0xfedcba98;
const key = memoryKeyring().dataKey(settingsScope(ME));
const channels = [channelBox(1_000_000_002), channelBox(1_000_000_034)];

it('a link opens under its own nonce alone', async () => {
  const sealed = sealLink(await key, ME, NONCE, { title: 'for friends', channels });
  expect(Buffer.from(sealed).includes('friends')).toBe(false);
  expect(openLink(await key, ME, NONCE, sealed)).toEqual({ title: 'for friends', channels });
  await expect(key.then((own) => openLink(own, ME, NONCE - 1, sealed))).rejects.toThrow();
});

it('where a folder was joined opens under the folder alone', async () => {
  const joined = { sharer: 34_000_002, nonce: NONCE, seen: channels, joined: channels.slice(1) };
  const sealed = sealJoined(await key, ME, 2, joined);
  expect(openJoined(await key, ME, 2, sealed)).toEqual(joined);
  await expect(key.then((own) => openJoined(own, ME, 3, sealed))).rejects.toThrow();
});
