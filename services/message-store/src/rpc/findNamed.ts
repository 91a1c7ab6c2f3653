import type { MessageInitShape } from '@bufbuild/protobuf';
import { channelBox, isChannelBox } from '@heliograph/box/box-id';
import { RpcError } from '@heliograph/client-api/rpc-error';
import type { FindNamedRequest, FindNamedResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/reference_pb';
import type { TypeMessage } from '@heliograph/tl/api';
import { collectPeers } from '@heliograph/tl/peers';
import type { Deps } from '../deps';
import { readBox } from '../messages/internal-failure';
import { messageViews } from '../messages/views';

/** Whom a message names that the viewer can read; nobody where there is none. Throws UNAVAILABLE (a box or a key), FAILED_PRECONDITION (the viewer lives in another DC). */
export async function findNamed(deps: Pick<Deps, 'engine' | 'channels' | 'keyring'>, { viewer, peer, messageId }: Pick<FindNamedRequest, 'viewer' | 'peer' | 'messageId'>): Promise<MessageInitShape<typeof FindNamedResponseSchema>> {
  const users = new Set<bigint>();
  const channels = new Set<bigint>();
  collectPeers(await findMessage(deps, Number(viewer), Number(peer), messageId), (kind, id) => {
    if (kind === 'user') users.add(BigInt(id));
    else if (kind === 'channel') channels.add(BigInt(channelBox(id)));
  });
  return { users: [...users], channels: [...channels] };
}

async function findMessage(deps: Pick<Deps, 'engine' | 'channels' | 'keyring'>, viewer: number, peer: number, id: number): Promise<TypeMessage | undefined> {
  if (!isChannelBox(peer)) {
    const reader = await readBox(deps, viewer);
    const [record] = await reader.messages([id]);
    return record !== undefined && Number(record.peer) === peer ? (await messageViews(deps, reader, viewer, [record]))[0] : undefined;
  }
  try {
    const reader = await deps.channels.open(viewer, peer);
    const [record] = await reader?.messages([id]) ?? [];
    return reader !== undefined && record !== undefined ? (await messageViews(deps, reader, peer, [record], { viewer }))[0] : undefined;
  } catch (error) {
    if (error instanceof RpcError) return undefined;
    throw error;
  }
}
