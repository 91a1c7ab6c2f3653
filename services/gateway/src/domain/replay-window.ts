import { REPLAY_WINDOW_IDS } from '../limits';

export type Received = 'new' | 'duplicate' | 'too-old';
/** 32: an earlier message carried a sequence number at least as high. 33: a later one carried one at most as high. */
export type SequenceFault = 32 | 33;

/** Words per message: id (high, low), and the odd sequence number, 0 for messages that aren't content-related. */
const WORDS = 3;
const HIGH = 0;
const LOW = 1;
const SEQ_NO = 2;
/** Messages that a window has room for at first. */
const ROOM_MIN = 5;

/** Splits 64 bits without making numbers of them. */
const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);

/**
 * The message ids that a session has received, in order, with the sequence numbers that content-related messages carried: 12 bytes each.
 * Lives as long as the session, so that a packet replayed over another connection is recognised. Small while few messages came.
 */
export class ReplayWindow {
  /** Ascending by id; the first `count` entries are in use. */
  private words: Uint32Array | undefined = undefined;
  private count = 0;
  /** Ids up to this one are too old to be told apart. */
  private floor = 0n;

  constructor(private readonly idsMax = REPLAY_WINDOW_IDS) {}

  /** What receiving this id would mean; changes nothing. */
  classify(messageId: bigint): Received {
    if (messageId <= this.floor) return 'too-old';
    const index = this.indexOf(messageId);
    return index < this.count && this.compare(index) === 0 ? 'duplicate' : 'new';
  }

  /**
   * Does an odd sequence number fit between those of the neighbouring messages? Even ones always do: clients number
   * their service messages in different ways. Source: core.telegram.org/mtproto/service_messages_about_messages
   */
  sequenceFault(messageId: bigint, seqNo: number): SequenceFault | undefined {
    if ((seqNo & 1) === 0) return undefined;
    const index = this.indexOf(messageId);
    for (let before = index - 1; before >= 0; before--) {
      const earlier = this.seqNo(before);
      if (earlier === 0) continue;
      if (earlier >= seqNo) return 32;
      break;
    }
    for (let after = index; after < this.count; after++) {
      const later = this.seqNo(after);
      if (later === 0) continue;
      if (later <= seqNo) return 33;
      break;
    }
    return undefined;
  }

  /** Remembers a message that `classify` called new. */
  add(messageId: bigint, seqNo: number): void {
    const index = this.indexOf(messageId);
    const words = this.room();
    const at = index * WORDS;
    if (index < this.count) words.copyWithin(at + WORDS, at, this.count * WORDS);
    words[at + HIGH] = halves[1] as number;
    words[at + LOW] = halves[0] as number;
    words[at + SEQ_NO] = (seqNo & 1) === 1 ? seqNo : 0;
    this.count += 1;
    if (this.count > this.idsMax) this.fold();
  }

  /** The highest id received; 0n when none was. */
  get highest(): bigint {
    return this.count === 0 ? 0n : this.id(this.count - 1);
  }

  get size(): number {
    return this.count;
  }

  /** What must be remembered elsewhere so that nothing from `oldest` on is taken twice: at most the `idsMax` highest ids, and as floor what is below. */
  list(oldest: bigint, idsMax: number): { ids: bigint[]; seqNos: number[]; floor: bigint } {
    const from = Math.max(this.indexOf(oldest), this.count - idsMax);
    const indexes = Array.from({ length: this.count - from }, (_, index) => from + index);
    return { ids: indexes.map((index) => this.id(index)), seqNos: indexes.map((index) => this.seqNo(index)), floor: from === 0 ? this.floor : this.id(from - 1) };
  }

  /** Ids up to this one are too old from now on. */
  raiseFloor(floor: bigint): void {
    if (floor <= this.floor) return;
    const index = this.indexOf(floor);
    const drop = index < this.count && this.compare(index) === 0 ? index + 1 : index;
    this.floor = floor;
    this.words = this.words?.slice(drop * WORDS, this.count * WORDS);
    this.count -= drop;
  }

  /** Remembers the lower half by its bound only; their ids are too old from now on. */
  fold(): void {
    const drop = this.count >> 1;
    if (drop === 0 || this.words === undefined) return;
    this.floor = this.id(drop - 1);
    this.words = this.words.slice(drop * WORDS, this.count * WORDS);
    this.count -= drop;
  }

  private seqNo(index: number): number {
    return (this.words as Uint32Array)[index * WORDS + SEQ_NO] as number;
  }

  private id(index: number): bigint {
    const words = this.words as Uint32Array;
    halves[1] = words[index * WORDS + HIGH] as number;
    halves[0] = words[index * WORDS + LOW] as number;
    return whole[0] as bigint;
  }

  /** The entry's id against the one in `halves`: below 0, 0, or above. */
  private compare(index: number): number {
    const words = this.words as Uint32Array;
    return (words[index * WORDS + HIGH] as number) - (halves[1] as number) || (words[index * WORDS + LOW] as number) - (halves[0] as number);
  }

  private room(): Uint32Array {
    const { words, count } = this;
    if (words !== undefined && (count + 1) * WORDS <= words.length) return words;
    const larger = new Uint32Array(Math.min(Math.max(ROOM_MIN, 2 * count), Math.max(this.idsMax, count) + 1) * WORDS);
    if (words !== undefined) larger.set(words.subarray(0, count * WORDS));
    this.words = larger;
    return larger;
  }

  /** Index of the first id that isn't below `messageId`, which is in `halves` afterwards. New ids are nearly always the highest. */
  private indexOf(messageId: bigint): number {
    whole[0] = messageId;
    let high = this.count;
    if (high === 0 || this.compare(high - 1) < 0) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare(middle) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
