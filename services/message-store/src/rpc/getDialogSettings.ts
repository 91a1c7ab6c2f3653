import type { MessageInitShape } from '@bufbuild/protobuf';
import { renderNotifySettings, settingsScope } from '@heliograph/box/notify-settings';
import type { GetDialogSettingsRequest, GetDialogSettingsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import { readBox } from '../messages/internal-failure';

/** What a user set for the dialog with a peer, as the peer's profile shows it. Throws UNAVAILABLE (the box or a key), FAILED_PRECONDITION (the user lives in another DC). */
export async function getDialogSettings(deps: Pick<Deps, 'engine' | 'keyring'>, { userId, peer: of }: Pick<GetDialogSettingsRequest, 'userId' | 'peer'>): Promise<MessageInitShape<typeof GetDialogSettingsResponseSchema>> {
  const [box, peer] = [Number(userId), Number(of)];
  const dialog = (await readBox(deps, box)).dialog(peer);
  const notify = renderNotifySettings(await deps.keyring.dataKey(settingsScope(box)), box, { peer }, dialog?.notify);
  return { notifySettings: writeObject(notify, 'newest'), folderId: dialog?.folderId, pinnedMessageId: dialog?.pinnedIds.at(-1), ttlPeriod: dialog?.ttlPeriod, hasScheduled: (dialog?.scheduled.length ?? 0) > 0 };
}
