/** One thing that must hold. */
export interface Row {
  readonly name: string;
  /** Throws when it does not hold. What it answers is printed behind the row. */
  run(): Promise<string | void>;
  /** Waits for a deadline of the server's: started before all others, and waited for at the end of its group. */
  readonly patient?: boolean;
}

export interface RowResult {
  readonly group: string;
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly note: string;
}

const ERROR_CHARACTERS_MAX = 1_200;

/** Runs a row and says how it went. Never rejects. */
export async function runRow(group: string, row: Row): Promise<RowResult> {
  const started = performance.now();
  try {
    const note = await row.run();
    return { group, name: row.name, ok: true, ms: performance.now() - started, note: note ?? '' };
  } catch (error) {
    return { group, name: row.name, ok: false, ms: performance.now() - started, note: String(error instanceof Error ? error.message : error).slice(0, ERROR_CHARACTERS_MAX) };
  }
}

export function printRow({ group, name, ok, ms, note }: RowResult): void {
  console.log(`${ok ? 'pass' : 'FAIL'}  ${group} · ${name} (${Math.round(ms)} ms)${note === '' ? '' : ok ? `: ${note}` : `\n      ${note.replaceAll('\n', '\n      ')}`}`);
}

/** The table at the end: a line per group, then the failures again. */
export function printTable(results: readonly RowResult[]): void {
  const groups = [...new Set(results.map(({ group }) => group))];
  console.log(`\n${'group'.padEnd(24)}${'rows'.padStart(6)}${'failed'.padStart(8)}${'seconds'.padStart(9)}`);
  for (const group of groups) {
    const own = results.filter((result) => result.group === group);
    console.log(`${group.padEnd(24)}${String(own.length).padStart(6)}${String(own.filter(({ ok }) => !ok).length).padStart(8)}${(own.reduce((sum, { ms }) => sum + ms, 0) / 1_000).toFixed(1).padStart(9)}`);
  }
  for (const { group, name, ok } of results) if (!ok) console.log(`failed: ${group} · ${name}`);
}
