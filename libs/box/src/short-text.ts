import type { DataKey } from '@heliograph/crypto/keyring';
import { markSealed, withoutMark, type DialogSeal } from './dialog-key';

const TEXT = new TextEncoder();

/** A short text that stands by itself (a title, an emoji), with the mark of the DC that sealed it; the empty text is no bytes. `place`: where alone it opens. */
export function sealText({ key, dc }: DialogSeal, place: string, text: string): Uint8Array {
  return text === '' ? new Uint8Array(0) : markSealed(key.seal(TEXT.encode(text), place), dc);
}

/** The same, opened with the key of the DC that its mark names. Throws SealBroken when the bytes were changed or belong elsewhere. */
export function openText(key: DataKey, place: string, sealed: Uint8Array): string {
  return sealed.length === 0 ? '' : Buffer.from(key.open(withoutMark(sealed), place)).toString();
}
