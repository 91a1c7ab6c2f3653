import { REPLAY_WINDOW_IDS } from '../limits';

export type Received = 'new' | 'duplicate' | 'too-old';
/** 32: an earlier message carried a sequence number at least as high. 33: a later one carried one at most as high. */
export type SequenceFault = 32 | 33;

/**
 * The message ids that a session has received, in order, with the sequence numbers that content-related messages carried.
 * Lives as long as the session, so that a packet replayed over another connection is recognised. Small while few messages came.
 */
export class ReplayWindow {
  /** Ascending. */
  private ids: bigint[] = [];
  /** Parallel to `ids`: the odd sequence number, 0 for messages that aren't content-related. */
  private seqNos: number[] = [];
  /** Ids up to this one are too old to be told apart. */
  private floor = 0n;

  constructor(private readonly idsMax = REPLAY_WINDOW_IDS) {}

  /** What receiving this id would mean; changes nothing. */
  classify(messageId: bigint): Received {
    if (messageId <= this.floor) return 'too-old';
    const index = this.indexOf(messageId);
    return this.ids[index] === messageId ? 'duplicate' : 'new';
  }

  /**
   * Does an odd sequence number fit between those of the neighbouring messages? Even ones always do: clients number
   * their service messages in different ways. Source: core.telegram.org/mtproto/service_messages_about_messages
   */
  sequenceFault(messageId: bigint, seqNo: number): SequenceFault | undefined {
    if ((seqNo & 1) === 0) return undefined;
    const index = this.indexOf(messageId);
    for (let before = index - 1; before >= 0; before--) {
      const earlier = this.seqNos[before] as number;
      if (earlier === 0) continue;
      if (earlier >= seqNo) return 32;
      break;
    }
    for (let after = index; after < this.ids.length; after++) {
      const later = this.seqNos[after] as number;
      if (later === 0) continue;
      if (later <= seqNo) return 33;
      break;
    }
    return undefined;
  }

  /** Remembers a message that `classify` called new. */
  add(messageId: bigint, seqNo: number): void {
    const index = this.indexOf(messageId);
    const mark = (seqNo & 1) === 1 ? seqNo : 0;
    if (index === this.ids.length) {
      this.ids.push(messageId);
      this.seqNos.push(mark);
    } else {
      this.ids.splice(index, 0, messageId);
      this.seqNos.splice(index, 0, mark);
    }
    if (this.ids.length > this.idsMax) this.fold();
  }

  /** The highest id received; 0n when none was. */
  get highest(): bigint {
    return this.ids[this.ids.length - 1] ?? 0n;
  }

  get size(): number {
    return this.ids.length;
  }

  private fold(): void {
    const drop = this.ids.length >> 1;
    this.floor = this.ids[drop - 1] as bigint;
    this.ids = this.ids.slice(drop);
    this.seqNos = this.seqNos.slice(drop);
  }

  /** Index of the first id that isn't below `messageId`. New ids are nearly always the highest. */
  private indexOf(messageId: bigint): number {
    const { ids } = this;
    let high = ids.length;
    if (high === 0 || (ids[high - 1] as bigint) < messageId) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ids[middle] as bigint) < messageId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
