import type { GetGroupRequest, GetGroupResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { groupBox } from '../engine/ids';

/** A basic group with everybody it knows of, those who left too. */
export async function getGroup(deps: Pick<Deps, 'engine'>, { chatId }: GetGroupRequest): Promise<MessageInitShape<typeof GetGroupResponseSchema>> {
  const reader = await deps.engine.read(groupBox(Number(chatId)));
  return { group: reader.dialog(0)?.group, members: reader.members().map(({ peer, member }) => ({ userId: peer, state: member })) };
}
