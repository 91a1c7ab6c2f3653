interface Held<T> {
  value: T;
  /** Unix milliseconds. */
  until: number;
}

/** A bounded map whose entries end: the least recently used goes first. */
export class LruCache<T> {
  private readonly entries = new Map<string, Held<T>>();

  constructor(private readonly max: number) {}

  get(key: string, now: number): T | undefined {
    const held = this.entries.get(key);
    if (held === undefined) return undefined;
    this.entries.delete(key);
    if (held.until <= now) return undefined;
    // A map keeps the order of insertion: the newest use is last.
    this.entries.set(key, held);
    return held.value;
  }

  set(key: string, value: T, until: number): void {
    this.entries.delete(key);
    this.entries.set(key, { value, until });
    if (this.entries.size > this.max) this.entries.delete(this.entries.keys().next().value as string);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  get size(): number {
    return this.entries.size;
  }
}
