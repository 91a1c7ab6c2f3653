/**
 * Bytes that aren't the TL they should be. `type` is Telegram's error type, answered to the client with code 400;
 * the connection lives.
 */
export class TlError extends Error {
  readonly code = 400;

  constructor(readonly type: string) {
    super(`400 ${type}`);
    this.name = 'TlError';
  }
}

/** The bytes end too early, go on too long, or hold a value that its declared type can't be. */
export const fetchError = (): TlError => new TlError('INPUT_FETCH_ERROR');
/** No method has this constructor id. */
export const methodInvalid = (id: number): TlError => new TlError(`INPUT_METHOD_INVALID_${id >>> 0}`);
/** No constructor has this id, or not one of the declared type. */
export const constructorInvalid = (id: number): TlError => new TlError(`INPUT_CONSTRUCTOR_INVALID_${(id >>> 0).toString(16).toUpperCase().padStart(8, '0')}`);
