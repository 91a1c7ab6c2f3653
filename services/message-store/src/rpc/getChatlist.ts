import type { MessageInitShape } from '@bufbuild/protobuf';
import { openLink } from '@heliograph/box/chatlist';
import { openFilter } from '@heliograph/box/dialog-filter';
import { settingsScope } from '@heliograph/box/notify-settings';
import type { GetChatlistRequest, GetChatlistResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/chatlists_pb';
import type { Deps } from '../deps';
import { BOX_ITSELF } from '../engine/ids';
import { readBox } from '../messages/internal-failure';

/** What a user's link shares now. Throws UNAVAILABLE (the box or a key), FAILED_PRECONDITION (the user lives in another DC). */
export async function getChatlist(deps: Pick<Deps, 'engine' | 'keyring'>, { userId, nonce }: Pick<GetChatlistRequest, 'userId' | 'nonce'>): Promise<MessageInitShape<typeof GetChatlistResponseSchema>> {
  const box = Number(userId);
  if (box <= 0) return {};
  const { filters = [] } = (await readBox(deps, box)).dialog(BOX_ITSELF)?.settings ?? {};
  for (const record of filters) {
    const link = record.chatlist?.invites.find((invite) => invite.nonce === nonce);
    if (link === undefined) continue;
    const key = await deps.keyring.dataKey(settingsScope(box));
    const filter = openFilter(key, box, record);
    if (filter._ === 'dialogFilterDefault') return {};
    const { channels } = openLink(key, box, nonce, link.sealed);
    return { found: true, title: filter.title.text, emoticon: filter.emoticon, titleNoanimate: filter.title_noanimate, channels: channels.map(BigInt) };
  }
  return {};
}
