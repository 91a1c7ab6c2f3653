import type { GetGroupRequest, GetGroupResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { groupBox } from '@heliograph/box/box-id';
import { readBox } from '../messages/internal-failure';

/** A basic group with everybody it knows of, those who left too. Throws UNAVAILABLE when the group's box can't be read now. */
export async function getGroup(deps: Pick<Deps, 'engine'>, { chatId }: GetGroupRequest): Promise<MessageInitShape<typeof GetGroupResponseSchema>> {
  if (chatId <= 0n) return {};
  const reader = await readBox(deps, groupBox(Number(chatId)));
  return { group: reader.dialog(0)?.group, members: reader.members().map(({ peer, member }) => ({ userId: peer, state: member })) };
}
