/** Where a post is, among those of all public broadcasts. */
export interface PostPlace {
  /** Unix seconds. */
  readonly date: number;
  /** Of the channel; 0 stands before all of them. */
  readonly box: number;
  readonly id: number;
}

/** The order in which posts are found: by falling date; of one second by falling box, then by falling id. */
export function byPlace(a: PostPlace, b: PostPlace): number {
  return b.date - a.date || b.box - a.box || b.id - a.id;
}
