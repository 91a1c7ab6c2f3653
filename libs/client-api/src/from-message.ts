import { channelBox, groupBox } from '@heliograph/box/box-id';
import type { FindNamedResponse, ReferenceService } from '@heliograph/protos/heliograph/messagestore/v1/reference_pb';
import type { Client } from '@heliograph/service-kit/kit';
import type { InputChannelFromMessage, InputPeerChannelFromMessage, InputPeerUserFromMessage, InputUserFromMessage, TypeInputPeer } from '@heliograph/tl/api';
import { apiSchema, NEWEST_BIT } from '@heliograph/tl/layers';
import { FROM_MESSAGE_PEERS_MAX } from './limits';
import type { Peers } from './peers';
import { RpcError } from './rpc-error';

type FromMessage = InputPeerUserFromMessage | InputUserFromMessage | InputPeerChannelFromMessage | InputChannelFromMessage;

/** What each becomes once the message is seen to name the peer. */
const PROVEN = {
  inputPeerUserFromMessage: 'inputPeerUser', inputUserFromMessage: 'inputUser', inputPeerChannelFromMessage: 'inputPeerChannel', inputChannelFromMessage: 'inputChannel',
} as const satisfies Record<FromMessage['_'], string>;

let ids: readonly Buffer[] | undefined;

/** Their constructor ids as requests bear them. */
function constructorIds(): readonly Buffer[] {
  return ids ??= Object.keys(PROVEN).map((name) => {
    const id = Buffer.alloc(4);
    id.writeUInt32LE((apiSchema().named(name, false, NEWEST_BIT)?.id ?? 0) >>> 0);
    return id;
  });
}

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
  readonly input: FromMessage;
}

/**
 * Peers that a client was shown as `min`, without an access hash: it names a message instead that names them (core.telegram.org/api/min). Where the caller can read that one
 * and it does, the request gets the access hash in its place; else it stays, and is refused as a wrong hash is.
 */
export class MessageReferences {
  constructor(private readonly peers: Peers, private readonly messages: Pick<Client<typeof ReferenceService>, 'findNamed'>) {}

  /** Mutates `request`, which was read from `query`. Undefined, at next to no cost, where there are none. Rejects with the CallError of who was asked. */
  resolve(viewer: number, query: Uint8Array, request: object): Promise<void> | undefined {
    const bytes = Buffer.from(query.buffer, query.byteOffset, query.byteLength);
    if (!constructorIds().some((id) => bytes.includes(id))) return undefined;
    const places: Place[] = [];
    collect(request as Record<string, unknown>, places);
    return places.length === 0 ? undefined : this.prove(viewer, places.slice(0, FROM_MESSAGE_PEERS_MAX));
  }

  private async prove(viewer: number, places: readonly Place[]): Promise<void> {
    const asked = new Map<string, Promise<FindNamedResponse>>();
    await Promise.all(places.map(async ({ holder, key, input }) => {
      const peer = this.numberOf(viewer, input.peer);
      if (peer === undefined) return;
      const message = `${peer} ${input.msg_id}`;
      let named = asked.get(message);
      if (named === undefined) asked.set(message, named = this.messages.findNamed({ viewer: BigInt(viewer), peer: BigInt(peer), messageId: input.msg_id }, { routeKey: viewer }));
      const proven = this.proven(viewer, input, await named);
      if (proven !== undefined) (holder as Record<string | number, unknown>)[key] = proven;
    }));
  }

  private proven(viewer: number, input: FromMessage, { users, channels }: Pick<FindNamedResponse, 'users' | 'channels'>): object | undefined {
    if ('user_id' in input) return users.includes(BigInt(input.user_id)) ? { _: PROVEN[input._], user_id: input.user_id, access_hash: this.peers.userHash(viewer, input.user_id) } : undefined;
    if (!channels.includes(BigInt(channelBox(input.channel_id)))) return undefined;
    return { _: PROVEN[input._], channel_id: input.channel_id, access_hash: this.peers.channelHash(viewer, input.channel_id) };
  }

  /** The chat in which the message is, by its own hash. */
  private numberOf(viewer: number, input: TypeInputPeer): number | undefined {
    try {
      const { kind, id } = this.peers.peer(viewer, input);
      if (kind === 'user') return id;
      return kind === 'chat' ? groupBox(id) : channelBox(id);
    } catch (error) {
      if (error instanceof RpcError) return undefined;
      throw error;
    }
  }
}

function collect(holder: Record<string, unknown> | unknown[], places: Place[]): void {
  for (const [key, value] of Object.entries(holder)) {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    if ('_' in value && typeof value._ === 'string' && Object.hasOwn(PROVEN, value._)) places.push({ holder, key, input: value as FromMessage });
    else collect(value as Record<string, unknown>, places);
  }
}
