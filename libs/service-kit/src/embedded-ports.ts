import { openFileBlob } from '@heliograph/blob/files';
import { openMemoryEphemeral } from '@heliograph/ephemeral/memory';
import { openEmbedded } from '@heliograph/event-log/embedded';
import type { Ports } from './ports';

/** Opens the embedded adapters of the four ports in a DC's folder. Loaded only by processes that use them. */
export async function openEmbeddedPorts(folders: { folder: string; directory: string }): Promise<Ports> {
  const { storage, eventLog } = await openEmbedded(folders);
  return { storage, eventLog, ephemeral: openMemoryEphemeral(), blob: await openFileBlob({ folder: `${folders.folder}/blobs` }) };
}
