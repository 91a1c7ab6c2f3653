/** An error that a client sees: Telegram's code and type (docs: core.telegram.org/api/errors). */
export class RpcError extends Error {
  constructor(readonly code: 303 | 400 | 401 | 403 | 404 | 406 | 420 | 500, readonly type: string) {
    super(`${code} ${type}`);
    this.name = 'RpcError';
  }
}
export const badRequest = (type: string): RpcError => new RpcError(400, type);
export const forbidden = (type: string): RpcError => new RpcError(403, type);
export const unauthorized = (type: string): RpcError => new RpcError(401, type);
/** 420 FLOOD_WAIT_X: wait that many seconds. */
export const floodWait = (seconds: number): RpcError => new RpcError(420, `FLOOD_WAIT_${Math.max(1, Math.ceil(seconds))}`);
