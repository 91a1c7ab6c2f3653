import type { TypeInputChannel, TypeInputPeer, TypeInputUser } from '@heliograph/tl/api';
import { accessHash, isAccessHash } from './access-hash';
import type { AccessSecretOf } from './access-secrets';
import { badRequest } from './rpc-error';

/** A peer by kind and bare id. */
export interface PeerRef {
  kind: 'user' | 'chat' | 'channel';
  id: number;
}

/**
 * Checks the Input* peers of one service's requests. Every failure (unknown peer, foreign hash, zero hash) is the same error, so that
 * nobody can probe what exists. A right hash implies that the peer was shown to the viewer; whether it still exists is the owner's to say.
 */
export class Peers {
  constructor(private readonly secretOf: AccessSecretOf) {}

  /** User id of an InputUser; throws 400 USER_ID_INVALID. */
  user(viewer: number, input: TypeInputUser | TypeInputPeer): number {
    return this.findUser(viewer, input) ?? fail('USER_ID_INVALID');
  }

  /** Throws 400 PEER_ID_INVALID; CHANNEL_INVALID for a channel that the hash does not open. A basic group has no hash: whether the viewer was in it is the owner's to say. */
  peer(viewer: number, input: TypeInputPeer | TypeInputUser | TypeInputChannel): PeerRef {
    const user = this.findUser(viewer, input as TypeInputPeer);
    if (user !== undefined) return { kind: 'user', id: user };
    switch (input._) {
      case 'inputPeerChat':
        // Below zero are boxes of groups: what a client names there would be a user's.
        if (input.chat_id <= 0) throw badRequest('PEER_ID_INVALID');
        return { kind: 'chat', id: input.chat_id };
      case 'inputPeerChannel':
      case 'inputChannel':
        if (isAccessHash(this.secretOf(viewer), viewer, 'channel', input.channel_id, input.access_hash)) return { kind: 'channel', id: input.channel_id };
        throw badRequest('CHANNEL_INVALID');
      // What a message was seen to name came with its hash (MessageReferences).
      case 'inputPeerChannelFromMessage':
      case 'inputChannelFromMessage':
      case 'inputChannelEmpty':
        throw badRequest('CHANNEL_INVALID');
      default:
        throw badRequest('PEER_ID_INVALID');
    }
  }

  /** The hash by which the viewer names that user in requests. */
  userHash(viewer: number, user: number): bigint {
    return accessHash(this.secretOf(viewer), viewer, 'user', user);
  }

  /** The same for a channel, by its id. */
  channelHash(viewer: number, channelId: number): bigint {
    return accessHash(this.secretOf(viewer), viewer, 'channel', channelId);
  }

  private findUser(viewer: number, input: TypeInputUser | TypeInputPeer): number | undefined {
    switch (input._) {
      case 'inputUserSelf':
      case 'inputPeerSelf':
        return viewer;
      case 'inputUser':
      case 'inputPeerUser':
        return isAccessHash(this.secretOf(viewer), viewer, 'user', input.user_id, input.access_hash) ? input.user_id : undefined;
      default:
        return undefined;
    }
  }
}

function fail(type: string): never {
  throw badRequest(type);
}
