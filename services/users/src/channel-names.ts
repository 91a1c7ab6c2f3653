import { homeDcOf } from '@heliograph/box/box-id';
import type { ChannelBoxService } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { isUnreachable } from '@heliograph/service-kit/other-dcs';
import type { Client } from '@heliograph/service-kit/kit';
import { OTHER_DC_DEADLINE_MS } from './limits';

/** Asks channels for the public names that they bear: empty for none (or no channel), undefined where that can't be told now. `boxesOf`: the message store of a DC. */
export function channelNames(boxesOf: (dc: number) => Pick<Client<typeof ChannelBoxService>, 'getChannels'> | undefined): (box: number) => Promise<string | undefined> {
  return async (box) => {
    try {
      const answer = await boxesOf(homeDcOf(box))?.getChannels({ channels: [BigInt(box)], brief: true }, { routeKey: box, deadlineMs: OTHER_DC_DEADLINE_MS });
      const record = answer?.channels[0]?.record;
      return record === undefined || record.destroyed ? '' : record.username;
    } catch (error) {
      if (isUnreachable(error)) return undefined;
      throw error;
    }
  };
}
