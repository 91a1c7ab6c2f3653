/** The store cannot serve now; the message says what to do. A write that fails so has an *unknown* outcome. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
}

/** No answer in time: the write may or may not have happened. */
export class StorageTimeout extends Error {
  override readonly name = 'StorageTimeout';
}

/** A programming or schema error; repeating it does not help, and nothing was written. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';
}
