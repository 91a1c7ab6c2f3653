import { CONSTRUCTOR } from '../domain/constructors';
import type { Message } from '../domain/container';
import { TlBytes } from '../domain/tl-bytes';

/** The message came under a wrong salt and was not taken; the client repeats it with this one. */
export const badServerSalt = (message: Message, salt: bigint): Buffer =>
  new TlBytes(28).uint32(CONSTRUCTOR.bad_server_salt).long(message.id).uint32(message.seqNo).uint32(48).long(salt).done();
