import type { Outgoing } from './session';

/** Messages forgotten at the front after which their room is given back. */
const GAP_MAX = 64;

/**
 * What a session keeps until its client acknowledges it, ascending by message id. Messages nearly always come with the highest id and go with the
 * lowest, which costs neither a search nor a table.
 */
export class Unacked {
  private readonly messages: (Outgoing | undefined)[];
  /** Where the first one is. */
  private first = 0;

  constructor(message: Outgoing) {
    this.messages = [message];
  }

  get size(): number {
    return this.messages.length - this.first;
  }

  /** The one with the lowest id. */
  get oldest(): Outgoing | undefined {
    return this.messages[this.first];
  }

  has(id: bigint): boolean {
    return this.get(id) !== undefined;
  }

  get(id: bigint): Outgoing | undefined {
    const message = this.messages[this.indexOf(id)];
    return message?.id === id ? message : undefined;
  }

  /** False: it is kept already. */
  add(message: Outgoing): boolean {
    const { messages } = this;
    if (this.size === 0 || message.id > (messages[messages.length - 1] as Outgoing).id) {
      messages.push(message);
      return true;
    }
    const index = this.indexOf(message.id);
    if (messages[index]?.id === message.id) return false;
    messages.splice(index, 0, message);
    return true;
  }

  /** Takes it out. Undefined: it isn't kept. */
  take(id: bigint): Outgoing | undefined {
    const { messages } = this;
    const index = this.indexOf(id);
    const message = messages[index];
    if (message?.id !== id) return undefined;
    if (index > this.first) {
      messages.splice(index, 1);
      return message;
    }
    messages[index] = undefined;
    this.first += 1;
    if (this.first > GAP_MAX) {
      messages.splice(0, this.first);
      this.first = 0;
    }
    return message;
  }

  /** Lowest id first. */
  * values(): Generator<Outgoing> {
    for (let index = this.first; index < this.messages.length; index += 1) yield this.messages[index] as Outgoing;
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
