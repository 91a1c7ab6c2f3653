import { CONSTRUCTOR } from './domain/constructors';
import { bytesFieldSize, TlBytes } from './domain/tl-bytes';

/** A query that the gateway itself refuses. */
export class RpcFailure extends Error {
  constructor(readonly code: number, readonly type: string) {
    super(`${code} ${type}`);
    this.name = 'RpcFailure';
  }
}

/** The object `rpc_error`. */
export function rpcError(code: number, type: string): Buffer {
  const text = Buffer.from(type);
  return new TlBytes(8 + bytesFieldSize(text.byteLength)).uint32(CONSTRUCTOR.rpc_error).uint32(code).bytesField(text).done();
}
