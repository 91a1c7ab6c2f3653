import { create } from '@bufbuild/protobuf';
import type { CallerContext } from '@heliograph/client-api/method';
import { GroupInviteSchema, type GroupInvite } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Deps } from '../deps';
import { submitAct } from './group-act';
import type { GroupState } from './groups';
import { newNonce } from './invites';

/** Makes a link of the caller's; a permanent one ends the caller's permanent one before. Throws what the group refuses. */
export async function setInvite(
  deps: Pick<Deps, 'dc' | 'engine' | 'keyring' | 'random'>, caller: CallerContext, chatId: number, group: GroupState,
  terms: Pick<GroupInvite, 'expireDate' | 'usageLimit' | 'titleSealed' | 'permanent'>,
): Promise<GroupInvite> {
  const invite = create(GroupInviteSchema, { ...terms, nonce: newNonce(deps, group), admin: BigInt(caller.userId), date: caller.date });
  await submitAct(deps, caller, chatId, { case: 'setInvite', value: { invite, replacesPermanent: terms.permanent } });
  return invite;
}
