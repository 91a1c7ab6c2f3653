/** A value, key or set that the port does not take; repeating it does not help. */
export class EphemeralRefused extends Error {
  override readonly name = 'EphemeralRefused';
}

/** The store cannot answer now. Everything in it may vanish, so the caller goes on without. */
export class EphemeralUnavailable extends Error {
  override readonly name = 'EphemeralUnavailable';
}
