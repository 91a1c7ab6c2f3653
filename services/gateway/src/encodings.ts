import { BODY_BYTES_MAX } from '@heliograph/mtproto/limits';
import type { Codec } from './codec';
import { TlBytes } from './domain/tl-bytes';

/** `updatesTooLong`: the client asks for the difference. The same bytes in every layer. */
export const UPDATES_TOO_LONG: Uint8Array = new TlBytes(4).uint32(0xe317af7e).done();

/** An update that looks the same to several sessions: written once per layer, so that they share the bytes. */
export class Encodings {
  private layer = 0;
  private body: Uint8Array = UPDATES_TOO_LONG;
  private others: Map<number, Uint8Array> | undefined;

  constructor(private readonly codec: Pick<Codec, 'writeUpdates'>, readonly value: object) {}

  /** What doesn't fit into a message is left to the difference, which comes in slices. */
  in(layer: number): Uint8Array {
    if (layer === this.layer) return this.body;
    let body = this.others?.get(layer);
    if (body === undefined) {
      body = this.codec.writeUpdates(this.value, layer);
      if (body.byteLength > BODY_BYTES_MAX) body = UPDATES_TOO_LONG;
      if (this.layer !== 0) (this.others ??= new Map()).set(layer, body);
    }
    if (this.layer === 0) [this.layer, this.body] = [layer, body];
    return body;
  }
}
