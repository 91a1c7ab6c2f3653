import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { answerRequests } from '../../messages/answer-requests';
import { invitable, linkOf } from '../../messages/invites';

/** Lets in all who asked by a link, or all who asked, or none of them (docs: core.telegram.org/method/messages.hideAllChatJoinRequests). Throws HIDE_REQUESTER_MISSING. */
export const hideAllChatJoinRequests: Method<Deps, 'messages.hideAllChatJoinRequests'> = async (deps, caller, request) => {
  const place = await invitable(deps, caller, request.peer);
  const nonce = request.link === undefined ? 0 : (await linkOf(deps, caller, place, request.link)).nonce;
  const asked = place.requests.some((each) => nonce === 0 || each.nonce === nonce);
  if (!asked) throw badRequest('HIDE_REQUESTER_MISSING');
  return answerRequests(deps, caller, place, { approve: request.approved ?? false, nonce });
};
