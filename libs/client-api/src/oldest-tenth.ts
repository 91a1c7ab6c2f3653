/** Makes room in a map that has come to its limit: the tenth that was put in first goes. */
export function dropOldestTenth(map: Map<unknown, unknown>): void {
  let drop = Math.ceil(map.size / 10);
  for (const oldest of map.keys()) {
    if (drop === 0) return;
    map.delete(oldest);
    drop -= 1;
  }
}
