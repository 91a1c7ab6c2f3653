/** The packed data is damaged, not gzip or zlib, or grows over its limit. The message that held it is refused; the connection lives. */
export class InflateError extends Error {
  constructor(readonly reason: 'damaged' | 'too-long' | 'busy') { super(`inflate: ${reason}`); }
}
/**
 * Unpacks gzip_packed data: gzip *or* zlib format, at most `outputMax` bytes (default INFLATE_OUTPUT_BYTES_MAX). Small input is unpacked at once and returned as bytes;
 * larger input on the thread pool, as a promise. Throws / rejects with InflateError; `busy` when INFLATE_IN_FLIGHT_BYTES_MAX would be passed.
 */
export class Inflater {
  inflate(packed: Uint8Array, outputMax?: number): Buffer | Promise<Buffer> { void packed; void outputMax; throw new Error('not built yet'); }
}
