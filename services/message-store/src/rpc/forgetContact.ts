import type { ForgetContactRequest, ForgetContactResponse } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { ForgetContactResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { create } from '@bufbuild/protobuf';
import type { Deps } from '../deps';

/** Called before a block is acknowledged: the pair's next message asks the users service again. */
export async function forgetContact(deps: Pick<Deps, 'admissions'>, request: ForgetContactRequest): Promise<ForgetContactResponse> {
  deps.admissions.forget(Number(request.from), Number(request.to));
  return create(ForgetContactResponseSchema);
}
