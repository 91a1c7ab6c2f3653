import type { MessageInitShape } from '@bufbuild/protobuf';
import { renderNotifySettings, settingsScope } from '@heliograph/box/notify-settings';
import type { GetDialogSettingsRequest, GetDialogSettingsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import { sharedChats, type SharedChats } from '../messages/shared-chats';
import { readBox } from '../messages/internal-failure';

/** What a user set for the dialog with a peer, as the peer's profile shows it. Throws UNAVAILABLE (the box or a key), FAILED_PRECONDITION (the user lives in another DC). */
export async function getDialogSettings(deps: Pick<Deps, 'engine' | 'keyring' | 'dc' | 'dcs' | 'homes' | 'groups' | 'channels'>, { userId, peer: of, barOnly }: Pick<GetDialogSettingsRequest, 'userId' | 'peer' | 'barOnly'>): Promise<MessageInitShape<typeof GetDialogSettingsResponseSchema>> {
  const [box, peer] = [Number(userId), Number(of)];
  const reader = await readBox(deps, box);
  const dialog = reader.dialog(peer);
  if (barOnly) return { barHidden: dialog?.barHidden };
  const [key, commonChatsCount] = await Promise.all([deps.keyring.dataKey(settingsScope(box)), peer > 0 && peer !== box ? countShared(sharedChats(deps, reader, peer)) : 0]);
  const notify = renderNotifySettings(key, box, { peer }, dialog?.notify);
  return {
    notifySettings: writeObject(notify, 'newest'), folderId: dialog?.folderId, pinnedMessageId: dialog?.pinnedIds.at(-1), ttlPeriod: dialog?.ttlPeriod, hasScheduled: (dialog?.scheduled.length ?? 0) > 0, commonChatsCount,
    barHidden: dialog?.barHidden,
  };
}

/** A profile is shown while another data center is away, too. */
async function countShared({ groups, channels }: SharedChats): Promise<number> {
  const found = await Promise.allSettled([groups(), channels()]);
  return found.reduce((count, outcome) => count + (outcome.status === 'fulfilled' ? outcome.value.length : 0), 0);
}
