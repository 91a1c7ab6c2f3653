import { openFileBlob } from '@heliograph/blob/files';
import { openMemoryEphemeral } from '@heliograph/ephemeral/memory';
import { openEmbedded } from '@heliograph/event-log/embedded';
import type { Ports } from './ports';

export interface EmbeddedFolders {
  folder: string;
  directory: string;
  /** The store can't go on (a full disk, a damaged file): the process should end, and starts anew from what is durable. */
  onFailure?: (error: Error) => void;
}

/** Opens the embedded adapters of the four ports in a DC's folder. Loaded only by processes that use them. */
export async function openEmbeddedPorts(folders: EmbeddedFolders): Promise<Ports> {
  const { storage, eventLog } = await openEmbedded(folders);
  return { storage, eventLog, ephemeral: openMemoryEphemeral(), blob: await openFileBlob({ folder: `${folders.folder}/blobs` }) };
}
