/** The bytes were changed, moved to another place, or sealed under another key. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** The key ring cannot answer now; try again later. */
export class KeyringUnavailable extends Error {
  override readonly name = 'KeyringUnavailable';
}

/** The region key cannot be used; the message says what to do. */
export class RegionKeyRefused extends Error {
  override readonly name = 'RegionKeyRefused';
}
