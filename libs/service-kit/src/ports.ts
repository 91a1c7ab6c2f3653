import type { Blob } from '@heliograph/blob/blob';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { EventLog } from '@heliograph/event-log/event-log';
import type { Storage } from '@heliograph/storage/storage';

/** The four ports of one DC. */
export interface Ports {
  storage: Storage;
  eventLog: EventLog;
  ephemeral: Ephemeral;
  blob: Blob;
}
