import type { Ports } from './ports';

/** Opens the embedded adapters of the four ports in a DC's folder. Loaded only by processes that use them. */
export async function openEmbeddedPorts(folders: { folder: string; directory: string }): Promise<Ports> {
  throw new Error(`embedded ports are not there yet (${folders.folder})`);
}
