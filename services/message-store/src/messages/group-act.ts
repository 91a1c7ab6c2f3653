import { sealContent } from '@heliograph/box/content';
import { groupSeal } from '@heliograph/box/group-title';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GroupActSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeMessageAction } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { Outcome } from '../engine/contract';
import { groupBox } from '@heliograph/box/box-id';
import { submit } from './submit';

export type GroupActBody = NonNullable<MessageInitShape<typeof GroupActSchema>['act']>;

/**
 * Asks a basic group for something; resolves with what it did in the caller's own box. `notice`: what the group posts about it from the caller.
 * Throws what the group refused, and as `submit` does.
 */
export async function submitAct(deps: Pick<Deps, 'dc' | 'engine' | 'keyring'>, caller: CallerContext, chatId: number, act: GroupActBody, notice?: TypeMessageAction): Promise<Outcome> {
  const group = groupBox(chatId);
  const content = notice && sealContent(await groupSeal(deps.keyring, deps.dc, group), caller.userId, group, { _: 'heliograph.messageContent', message: '', action: notice });
  return submit(deps, caller, { case: 'groupCall', value: { group: BigInt(group), act: { act, notice: content } } });
}
