import type { MessageInitShape } from '@bufbuild/protobuf';
import { openTitle } from '@heliograph/box/group-title';
import type { ChatViewSchema, GetChatViewsRequest, GetChatViewsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { groupBox } from '@heliograph/box/box-id';
import { CHAT_VIEWS_MAX } from '../limits';
import { readBox } from '../messages/internal-failure';

const NO_BYTES = new Uint8Array(0);

/** Basic groups as the viewer's box was told them. Throws INVALID_ARGUMENT, UNAVAILABLE (the box or a key), FAILED_PRECONDITION (the viewer lives in another DC). */
export async function getChatViews(deps: Pick<Deps, 'engine' | 'keyring'>, { viewerId, chatIds }: Pick<GetChatViewsRequest, 'viewerId' | 'chatIds'>): Promise<MessageInitShape<typeof GetChatViewsResponseSchema>> {
  if (chatIds.length > CHAT_VIEWS_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${CHAT_VIEWS_MAX} groups`);
  const reader = await readBox(deps, Number(viewerId));
  return { chats: await Promise.all(chatIds.map((id) => viewOf(deps, reader, id))) };
}

async function viewOf(deps: Pick<Deps, 'keyring'>, reader: BoxReader, id: bigint): Promise<MessageInitShape<typeof ChatViewSchema>> {
  const chatId = Number(id);
  const view = chatId > 0 ? reader.dialog(groupBox(chatId))?.view : undefined;
  if (view === undefined) return { id, unknown: true };
  return { id, title: await openTitle(deps.keyring, groupBox(chatId), view.titleSealed), view: { ...view, titleSealed: NO_BYTES } };
}
