import type { Numbered, Outgoing } from './session';

/** Messages forgotten at the front after which their room is given back. */
const GAP_MAX = 64;

/**
 * What a session keeps until its client acknowledges it, ascending by message id. Messages nearly always come with the highest id and go with the
 * lowest, which costs neither a search nor a table. Of a message that goes to many sessions each keeps its number only.
 */
export class Unacked {
  private readonly messages: (Outgoing | undefined)[];
  private readonly seqNos: number[];
  /** Where the first one is. */
  private first = 0;

  constructor({ message, seqNo }: Numbered) {
    this.messages = [message];
    this.seqNos = [seqNo];
  }

  get size(): number {
    return this.messages.length - this.first;
  }

  /** The one with the lowest id. */
  get oldest(): Outgoing | undefined {
    return this.messages[this.first];
  }

  has(id: bigint): boolean {
    return this.messages[this.indexOf(id)]?.id === id;
  }

  get(id: bigint): Numbered | undefined {
    const index = this.indexOf(id);
    return this.messages[index]?.id === id ? this.at(index) : undefined;
  }

  /** False: it is kept already. */
  add({ message, seqNo }: Numbered): boolean {
    const { messages, seqNos } = this;
    if (this.size === 0 || message.id > (messages[messages.length - 1] as Outgoing).id) {
      messages.push(message);
      seqNos.push(seqNo);
      return true;
    }
    const index = this.indexOf(message.id);
    if (messages[index]?.id === message.id) return false;
    messages.splice(index, 0, message);
    seqNos.splice(index, 0, seqNo);
    return true;
  }

  /** Takes it out. Undefined: it isn't kept. */
  take(id: bigint): Outgoing | undefined {
    const { messages, seqNos } = this;
    const index = this.indexOf(id);
    const message = messages[index];
    if (message?.id !== id) return undefined;
    if (index > this.first) {
      messages.splice(index, 1);
      seqNos.splice(index, 1);
      return message;
    }
    messages[index] = undefined;
    this.first += 1;
    if (this.first > GAP_MAX) {
      messages.splice(0, this.first);
      seqNos.splice(0, this.first);
      this.first = 0;
    }
    return message;
  }

  /** Lowest id first. */
  * values(): Generator<Numbered> {
    for (let index = this.first; index < this.messages.length; index += 1) yield this.at(index);
  }

  private at(index: number): Numbered {
    return { message: this.messages[index] as Outgoing, seqNo: this.seqNos[index] as number };
  }

  /** Index of the first one whose id isn't below that. */
  private indexOf(id: bigint): number {
    const { messages } = this;
    let low = this.first;
    if (low === messages.length || (messages[low] as Outgoing).id >= id) return low;
    let high = messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((messages[middle] as Outgoing).id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
