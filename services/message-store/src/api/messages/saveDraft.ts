import { sealDraft } from '@heliograph/box/content';
import { draftScope } from '@heliograph/box/dialog-key';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { HeliographDraft } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { formatDraft } from '../../domain/formatted-text';
import { namedPeer, refuseParent, tryUser } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Keeps what is being written to a peer, for one's other devices; an empty draft goes away (docs: core.telegram.org/api/drafts). */
export const saveDraft: Method<Deps, 'messages.saveDraft'> = async (deps, caller, request) => {
  if (request.media || request.suggested_post || request.rich_message) throw badRequest('NOT_IMPLEMENTED');
  const peer = await namedPeer(deps, caller, request.peer);
  if (request.reply_to && request.reply_to._ !== 'inputReplyToMessage') throw badRequest('NOT_IMPLEMENTED');
  if (request.reply_to?.reply_to_peer_id) await namedPeer(deps, caller, request.reply_to.reply_to_peer_id);
  refuseParent(request.reply_to?.monoforum_peer_id);
  const { text, entities } = formatDraft(request.message, request.entities, (input) => tryUser(deps, caller, input));
  const draft: HeliographDraft = {
    _: 'heliograph.draft',
    no_webpage: request.no_webpage,
    invert_media: request.invert_media,
    message: text,
    date: caller.date,
    entities,
    reply_to: request.reply_to,
    effect: request.effect,
  };
  const empty = text.trim() === '' && !request.reply_to;
  const sealed = empty ? new Uint8Array(0) : sealDraft(await deps.keyring.dataKey(draftScope(caller.userId)), caller.userId, peer, draft);
  await submit(deps, caller, { case: 'saveDraft', value: { peer: BigInt(peer), sealed } });
  return true;
};
