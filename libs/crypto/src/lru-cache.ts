interface Held<T> {
  value: T;
  /** Unix milliseconds. */
  until: number;
}

/**
 * A bounded map whose entries end. It has two generations: what is used moves to the young one, and when that holds half of what may be
 * kept it becomes the old one, whose rest goes. So what was among the last `max`/2 used is there, and a use of a young entry changes nothing.
 */
export class LruCache<T> {
  private young = new Map<string, Held<T>>();
  private old = new Map<string, Held<T>>();

  /** @param max entries, at least 2 */
  constructor(private readonly max: number) {}

  get(key: string, now: number): T | undefined {
    let held = this.young.get(key);
    if (held === undefined) {
      held = this.old.get(key);
      if (held === undefined) return undefined;
      this.old.delete(key);
      if (held.until > now) this.keep(key, held);
    }
    if (held.until > now) return held.value;
    this.young.delete(key);
    return undefined;
  }

  set(key: string, value: T, until: number): void {
    this.old.delete(key);
    this.keep(key, { value, until });
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  private keep(key: string, held: Held<T>): void {
    this.young.set(key, held);
    if (this.young.size * 2 <= this.max) return;
    this.old = this.young;
    this.young = new Map();
  }
}
