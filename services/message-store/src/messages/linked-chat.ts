import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import type { Deps } from '../deps';
import type { ChannelReader } from './channels';

/** Channel id of a broadcast's discussion group, or of the broadcast that a group discusses, where the other side says so too; undefined where there is none. */
export async function linkedChat(deps: Pick<Deps, 'channels'>, viewer: number, { box, record }: Pick<ChannelReader, 'box' | 'record'>): Promise<number | undefined> {
  const linked = Number(record.linked);
  if (linked === 0) return undefined;
  const [other] = await deps.channels.find(viewer, [channelBox(linked)]);
  return other?.record !== undefined && !other.record.destroyed && Number(other.record.linked) === channelOfBox(box) ? linked : undefined;
}
