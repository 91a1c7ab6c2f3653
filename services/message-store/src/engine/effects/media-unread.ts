import { MediaClass } from '@heliograph/box/media-class';
import type { Content } from '@heliograph/protos/heliograph/box/v1/box_pb';

/** Voice and round video messages count as unheard until their contents are read. */
export function startsMediaUnread(content: Content | undefined): boolean {
  return ((content?.mediaClass ?? 0) & (MediaClass.voice | MediaClass.roundVideo)) !== 0;
}
