import { create } from '@bufbuild/protobuf';
import { sealContent, type MessageContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { CallError } from '@heliograph/service-kit/call-error';
import { readObject } from '@heliograph/tl/reader';
import { NotifyResponseSchema, type NotifyRequest, type NotifyResponse } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Deps } from '../deps';
import { internalFailure } from '../messages/internal-failure';

/**
 * Puts a message of a system peer (the service account, or somebody who joined) into a user's box, once per random_id: a repeated
 * call answers the first one's id. Throws INVALID_ARGUMENT, ABORTED (refused), RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED (unknown: repeat).
 */
export async function notify(deps: Pick<Deps, 'dc' | 'engine' | 'keyring'>, request: NotifyRequest): Promise<NotifyResponse> {
  const user = Number(request.userId);
  const from = Number(request.from);
  if (user <= 0 || from <= 0) throw new CallError('INVALID_ARGUMENT', 'a notification needs a user and an author');
  const content = readContent(request.content);
  const seal = await dialogSeal(deps.keyring, deps.dc, user, from);
  const outcome = await deps.engine.submit({
    box: request.userId,
    date: request.date,
    body: { case: 'deliver', value: { peer: request.from, from: request.from, randomId: request.randomId, content: sealContent(seal, user, from, content), silent: request.silent } },
  }).catch((error: unknown) => {
    throw internalFailure(error);
  });
  if (outcome.error !== undefined) throw new CallError('ABORTED', outcome.error);
  return create(NotifyResponseSchema, { messageId: outcome.message?.id ?? 0 });
}

function readContent(bytes: Uint8Array): MessageContent {
  try {
    return readObject(bytes, 'heliograph.MessageContent') as MessageContent;
  } catch {
    throw new CallError('INVALID_ARGUMENT', 'the content is not a heliograph.messageContent');
  }
}
