import { create } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import type { CallerContext } from '@heliograph/client-api/method';
import { GroupInviteSchema, type GroupInvite } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Deps } from '../deps';
import { actInChannel } from './channel-act';
import { submitAct } from './group-act';
import { newNonce, type Invitable } from './invites';

/** What can be done with the links of a chat. */
type InviteAct =
  | { case: 'setInvite'; value: { invite: GroupInvite; replacesPermanent?: boolean } }
  | { case: 'forgetInvites'; value: { nonces: number[] } };

type ActDeps = Pick<Deps, 'channels' | 'dc' | 'engine' | 'keyring'>;

/** Changes the links of a basic group or a channel. Throws what it refuses. */
export async function actOnInvites(deps: ActDeps, caller: CallerContext, box: number, act: InviteAct): Promise<void> {
  if (isChannelBox(box)) await actInChannel(deps, caller, box, act);
  else await submitAct(deps, caller, -box, act);
}

/** Makes a link of the caller's; a permanent one ends the caller's permanent one before. Throws what the chat refuses. */
export async function setInvite(
  deps: ActDeps & Pick<Deps, 'random'>, caller: CallerContext, place: Pick<Invitable, 'box' | 'invites'>,
  terms: Pick<GroupInvite, 'expireDate' | 'usageLimit' | 'titleSealed' | 'permanent' | 'requestNeeded'>,
): Promise<GroupInvite> {
  const invite = create(GroupInviteSchema, { ...terms, nonce: newNonce(deps, place), admin: BigInt(caller.userId), date: caller.date });
  await actOnInvites(deps, caller, place.box, { case: 'setInvite', value: { invite, replacesPermanent: terms.permanent } });
  return invite;
}

/** The terms of an admin's permanent link. */
export const PERMANENT = { expireDate: 0, usageLimit: 0, titleSealed: new Uint8Array(0), permanent: true, requestNeeded: false } as const;
