import { isIPv6 } from 'node:net';

/** Tokens that refill with time. */
class TokenBucket {
  #tokens: number;
  #filledAtMs: number;

  constructor(readonly perSecond: number, readonly burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#filledAtMs = nowMs;
  }

  #refill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#tokens = Math.min(this.burst, this.#tokens + (elapsedMs / 1000) * this.perSecond);
    this.#filledAtMs = nowMs;
  }

  has(cost: number, nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#tokens >= cost;
  }

  take(cost: number): void {
    this.#tokens -= cost;
  }
}

/** What counts as one address: an IPv4 address (mapped ones too), or the /64 of an IPv6 address, which is what one subscriber holds. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] as string;
  if (!isIPv6(address)) return address;
  const withoutZone = address.replace(/%.*$/, '');
  const [head = '', tail] = withoutZone.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = [...front, ...zeros, ...back].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}

/** Rates and bursts of the two buckets, in tokens. */
export interface BudgetLimits {
  readonly globalPerSecond: number;
  readonly globalBurst: number;
  readonly addressPerSecond: number;
  readonly addressBurst: number;
  readonly addressesMax: number;
}

/** One bucket for all and one per address: both must have the tokens. The address used longest ago is forgotten when there are too many. */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #global: TokenBucket;
  /** In order of last use. */
  readonly #addresses = new Map<string, TokenBucket>();

  constructor(limits: BudgetLimits, nowMs: number) {
    this.#limits = limits;
    this.#global = new TokenBucket(limits.globalPerSecond, limits.globalBurst, nowMs);
  }

  /** Takes `cost` from both buckets, or nothing and answers false. `key`: the address as `addressKey` gives it. */
  spend(key: string, cost: number, nowMs: number): boolean {
    const own = this.#addresses.get(key) ?? new TokenBucket(this.#limits.addressPerSecond, this.#limits.addressBurst, nowMs);
    this.#addresses.delete(key);
    this.#addresses.set(key, own);
    if (this.#addresses.size > this.#limits.addressesMax) this.#addresses.delete(this.#addresses.keys().next().value as string);
    if (!own.has(cost, nowMs) || !this.#global.has(cost, nowMs)) return false;
    own.take(cost);
    this.#global.take(cost);
    return true;
  }
}
