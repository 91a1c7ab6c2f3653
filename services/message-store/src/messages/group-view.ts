import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { GroupView } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { groupBox } from '@heliograph/box/box-id';

/** A basic group as the caller's box was told of it; undefined when it never was. */
export async function findGroupView(deps: Pick<Deps, 'engine'>, caller: CallerContext, chatId: number): Promise<GroupView | undefined> {
  return (await deps.engine.read(caller.userId)).dialog(groupBox(chatId))?.view;
}

/** The same. Throws CHAT_ID_INVALID where there is none. */
export async function getGroupView(deps: Pick<Deps, 'engine'>, caller: CallerContext, chatId: number): Promise<GroupView> {
  const view = await findGroupView(deps, caller, chatId);
  if (view === undefined) throw badRequest('CHAT_ID_INVALID');
  return view;
}

/** The basic group that an InputPeer names, with the caller's view of it. Throws PEER_ID_INVALID for other peers and groups that the caller was never told of. */
export async function namedGroup(deps: Pick<Deps, 'engine' | 'peers'>, caller: CallerContext, input: TypeInputPeer): Promise<{ chatId: number; view: GroupView }> {
  const { kind, id: chatId } = deps.peers.peer(caller.userId, input);
  const view = kind === 'chat' ? await findGroupView(deps, caller, chatId) : undefined;
  if (view === undefined) throw badRequest('PEER_ID_INVALID');
  return { chatId, view };
}

/** Whether the owner of the view is in the group. */
export const isIn = (view: GroupView): boolean => !view.left && !view.kicked && !view.deactivated;

/** Whether the owner of the view, `userId`, is one of its admins, the creator among them. */
export const isAdminOf = (view: GroupView, userId: number): boolean => isIn(view) && (view.admin || Number(view.creator) === userId);
