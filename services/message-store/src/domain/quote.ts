/** Where a quote stands in the text it quotes: the occurrence nearest to `hint` (UTF-16 units); undefined if nowhere. */
export function findQuote(text: string, quote: string, hint: number): number | undefined {
  let best: number | undefined;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (best !== undefined && Math.abs(at - hint) >= Math.abs(best - hint)) break;
    best = at;
  }
  return best;
}
