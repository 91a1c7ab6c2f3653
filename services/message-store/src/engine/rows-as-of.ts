/**
 * Rows of which each change makes a new one, with the command's version: what they said at an earlier command can be told as long as the earlier ones are kept.
 */
export interface ChangedRow {
  readonly version: bigint;
  /** Of the row that was before it; 0: none. */
  readonly previous: bigint;
}

/**
 * Rows of a command's moment are gone: an engine that is further on has stored its head and removed them. Who meets this is behind, and begins
 * again from the mark.
 */
export class RowsGone extends Error {
  override readonly name = 'RowsGone';
}

/**
 * The newest of such rows below a version. Throws RowsGone.
 *
 * | rows of a user | asked before 10 |
 * |---|---|
 * | 5 | 5: nothing came after it |
 * | 12 (previous 5), 5 | 5 |
 * | 12 (previous 9), 5 | 9 is gone, and with it the moment: RowsGone |
 * | 12 (previous 0) | nothing was known |
 *
 * @param page some of the rows below a version (undefined: the newest), newest first; none: there are no more
 * @param what it is that is read, for the error
 */
export async function readAsOf<T extends ChangedRow>(version: bigint, what: string, page: (below: bigint | undefined) => Promise<readonly T[]>): Promise<T | undefined> {
  let above: T | undefined;
  for (;;) {
    const rows = await page(above?.version);
    for (const row of rows) {
      if (row.version < version) {
        if (above !== undefined && above.previous !== row.version) throw new RowsGone(`a row of ${what} at ${above.previous}`);
        return row;
      }
      above = row;
    }
    if (rows.length === 0) break;
  }
  if (above !== undefined && above.previous !== 0n) throw new RowsGone(`a row of ${what} at ${above.previous}`);
  return undefined;
}
