/**
 * The blob port: sealed objects by key. Production: S3. Embedded: files. An object is there whole or not at all; what a write
 * answered is durable. A body must not be changed before its write has settled. Errors: BlobUnavailable (try later; a write's outcome is unknown), BlobRefused (a key, range or upload that it does not take).
 */
export interface Blob {
  put(key: string, body: Uint8Array): Promise<void>;
  /** Bytes [from, from + length) or undefined if there is no such object. */
  get(key: string, range?: { from: number; length: number }): Promise<Uint8Array | undefined>;
  delete(key: string): Promise<void>;
  /**
   * Answers the upload's id. Parts are numbered from 1 and have PART_BYTES_MIN at the least, but for the last; what `putPart` answers is given
   * to `completeMultipart`, parts rising. Several uploads of one key do not touch each other: the one that is completed last is the object.
   */
  startMultipart(key: string): Promise<string>;
  putPart(key: string, upload: string, part: number, body: Uint8Array): Promise<string>;
  /** Once completed, completing again changes nothing and resolves as long as the object is still that upload's (whoever got no answer asks again). */
  completeMultipart(key: string, upload: string, parts: readonly { part: number; tag: string }[]): Promise<void>;
  /** An upload that is unknown, aborted or completed already: nothing to do. */
  abortMultipart(key: string, upload: string): Promise<void>;
  /**
   * Asks the engine whether it answers, and what its clock shows (Unix milliseconds, where it tells). Rejects as other requests do.
   * Absent where the store is part of this process.
   */
  check?(): Promise<{ now?: number }>;
  close(): Promise<void>;
}
