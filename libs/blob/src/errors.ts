/** The store cannot serve now; the message says what to do. A write that fails so has an *unknown* outcome. */
export class BlobUnavailable extends Error {
  override readonly name = 'BlobUnavailable';
}

/** A key, range or upload that the port does not take; repeating it does not help. */
export class BlobRefused extends Error {
  override readonly name = 'BlobRefused';
}
