import { gunzip, gunzipSync, inflate, inflateSync } from 'node:zlib';
import { INFLATE_IN_FLIGHT_BYTES_MAX, INFLATE_OUTPUT_BYTES_MAX, INFLATE_SYNC_BYTES_MAX, INFLATE_SYNC_OUTPUT_BYTES_MAX } from './limits';

/** The packed data is damaged, not gzip or zlib, or grows over its limit. The message that held it is refused; the connection lives. */
export class InflateError extends Error {
  constructor(readonly reason: 'damaged' | 'too-long' | 'busy') {
    super(`inflate: ${reason}`);
  }
}

function isGzip(packed: Uint8Array): boolean {
  return packed[0] === 0x1f && packed[1] === 0x8b;
}

/** RFC 1950: deflate method, and a header divisible by 31. TDLib sends 78 9c. */
function isZlib(packed: Uint8Array): boolean {
  return ((packed[0] ?? 0) & 15) === 8 && (((packed[0] ?? 0) << 8) | (packed[1] ?? 0)) % 31 === 0;
}

function reasonOf(error: unknown): 'damaged' | 'too-long' {
  return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-long' : 'damaged';
}

/**
 * Unpacks gzip_packed data: gzip *or* zlib format. Holds the process's budget of bytes being unpacked, so there is one per process.
 */
export class Inflater {
  #inFlightBytes = 0;

  /** Output bytes reserved by what is being unpacked now. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /**
   * At most `outputMax` bytes (default INFLATE_OUTPUT_BYTES_MAX). Small input is unpacked at once and returned as bytes; larger input (or small input with large
   * output) on the thread pool, as a promise: `packed` must then stay unchanged until it settles. Throws or rejects with InflateError.
   */
  inflate(packed: Uint8Array, outputMax: number = INFLATE_OUTPUT_BYTES_MAX): Buffer | Promise<Buffer> {
    const gzip = isGzip(packed);
    if (!gzip && !isZlib(packed)) throw new InflateError('damaged');
    if (packed.length <= INFLATE_SYNC_BYTES_MAX) {
      const syncMax = Math.min(outputMax, INFLATE_SYNC_OUTPUT_BYTES_MAX);
      try {
        return (gzip ? gunzipSync : inflateSync)(packed, { maxOutputLength: syncMax });
      } catch (error) {
        if (reasonOf(error) === 'damaged' || syncMax === outputMax) throw new InflateError(reasonOf(error));
      }
    }
    return this.#inflateOnThreadPool(packed, gzip, outputMax);
  }

  async #inflateOnThreadPool(packed: Uint8Array, gzip: boolean, outputMax: number): Promise<Buffer> {
    if (this.#inFlightBytes + outputMax > INFLATE_IN_FLIGHT_BYTES_MAX) throw new InflateError('busy');
    this.#inFlightBytes += outputMax;
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        (gzip ? gunzip : inflate)(packed, { maxOutputLength: outputMax }, (error, result) => {
          if (error) reject(new InflateError(reasonOf(error)));
          else resolve(result);
        });
      });
    } finally {
      this.#inFlightBytes -= outputMax;
    }
  }
}
