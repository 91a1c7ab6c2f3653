import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';

/** The server knows nothing of earlier messages of this session; the client repeats those below `firstMessageId` and asks for the difference. Source: core.telegram.org/mtproto/service_messages#new-session-creation-notification */
export const newSessionCreated = (firstMessageId: bigint, uniqueId: bigint, salt: bigint): Buffer =>
  new TlBytes(28).uint32(CONSTRUCTOR.new_session_created).long(firstMessageId).long(uniqueId).long(salt).done();
