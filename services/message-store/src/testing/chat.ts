import { create } from '@bufbuild/protobuf';
import { accessHash } from '@heliograph/client-api/access-hash';
import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import { CallerSchema, ClientApiService, type SessionChange } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { FanoutService, type Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { NameService, NameState } from '@heliograph/protos/heliograph/users/v1/names_pb';
import { UsersService, type TellPeerRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Clock, ServiceDefinition } from '@heliograph/service-kit/kit';
import { eventually } from '@heliograph/testing/eventually';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import type { Api, InputChannel, InputPeerChannel, InputPeerUser, InputUser, Message, MessageService, TypeInputPeer, TypeMessage, TypeUpdate } from '@heliograph/tl/api';
import { readResult } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { createHash, randomBytes } from 'node:crypto';
import { messageStoreService } from '../message-store.module';

/** Three people of DC 2; nobody else exists. */
export const ALICE = 34_000_002;
export const BOB = 34_000_034;
export const CAROL = 34_000_066;

const PEOPLE: ReadonlySet<number> = new Set([ALICE, BOB, CAROL, 777000]);

/** Public names. */
const USERNAMES: Readonly<Record<string, bigint>> = { bobby: BigInt(BOB) };

/** A message store with its real engine on embedded ports, and neighbours that record what they are told. */
export interface Chat {
  readonly kit: TestKit;
  readonly pushes: Push[];
  /** What the users service does when one blocks another, or no longer. */
  block(owner: number, peer: number, blocks?: boolean): Promise<void>;
  readonly deleted: Set<number>;
  readonly touched: number[];
  /** Passing updates for users of other DCs. */
  readonly told: TellPeerRequest[];
  /** A client method as one user calls it; rejects with the error's type. */
  call<M extends keyof Api>(user: number, request: Api[M]['request'] & { _: M }): Promise<Api[M]['result']>;
  /** What the last call changed about its session. */
  lastSessionChange(): SessionChange | undefined;
  peer(viewer: number, id: number): InputPeerUser;
  inputUser(viewer: number, id: number): InputUser;
  /** Sends a text; the id in the sender's box. */
  say(from: number, to: number, text: string, more?: Partial<Api['messages.sendMessage']['request']>): Promise<number>;
  /** A chat as its owner reads it, newest first. */
  history(of: number, peer: number): Promise<(Message | MessageService)[]>;
  /** Makes a basic group of these people, all of whom know of it; its id. */
  group(creator: number, members: readonly number[], title: string): Promise<number>;
  /** The same in a basic group. */
  sayIn(from: number, group: number, text: string, more?: Partial<Api['messages.sendMessage']['request']>): Promise<number>;
  historyIn(of: number, group: number): Promise<(Message | MessageService)[]>;
  /** Makes a supergroup (or a broadcast) with these people in it; its id. */
  channel(creator: number, members: readonly number[], title: string, broadcast?: boolean): Promise<number>;
  inputChannel(viewer: number, id: number): InputChannel;
  channelPeer(viewer: number, id: number): InputPeerChannel;
  close(): Promise<void>;
}

export async function openChat(options: { folder?: string; clock?: Clock } = {}): Promise<Chat> {
  const pushes: Push[] = [];
  const blocks = new Set<string>();
  const deleted = new Set<number>();
  const touched: number[] = [];
  const told: TellPeerRequest[] = [];
  /** Of channels, by name. */
  const names = new Map<string, bigint>();
  const nameState = (channel: bigint, name: string): NameState => {
    if (!/^[a-z]\w{4,31}$/i.test(name)) return NameState.INVALID;
    const owner = USERNAMES[name.toLowerCase()] ?? names.get(name.toLowerCase()) ?? channel;
    return owner === channel ? NameState.FREE : NameState.OCCUPIED;
  };
  let sessionChange: SessionChange | undefined;
  const neighbours: ServiceDefinition = {
    name: 'neighbours',
    compose: async (own) => {
      own.serve(FanoutService, {
        async *attach() {
          yield { pushes: [] };
        },
        publish: async (request) => {
          pushes.push(...request.pushes);
          return {};
        },
      });
      own.serve(NameService, {
        checkName: async ({ channel, name }) => ({ state: nameState(channel, name) }),
        claimName: async ({ channel, name }) => {
          const state = nameState(channel, name);
          if (state === NameState.FREE) names.set(name.toLowerCase(), channel);
          return { state };
        },
        releaseName: async ({ channel, name }) => {
          if (names.get(name.toLowerCase()) === channel) names.delete(name.toLowerCase());
          return {};
        },
      });
      own.serve(UsersService, {
        getViews: async ({ userIds }) => ({ users: userIds.filter((id) => PEOPLE.has(Number(id))).map((id) => ({ id, firstName: `user ${id}` })) }),
        checkContact: async ({ from, to }) => ({
          toExists: PEOPLE.has(Number(to)), toDeleted: deleted.has(Number(to)), blockedByPeer: blocks.has(`${to} ${from}`), blockedBySelf: blocks.has(`${from} ${to}`),
        }),
        createUser: async () => ({}),
        findByPhone: async () => ({}),
        findByUsernames: async ({ usernames }) => ({ userIds: usernames.map((name) => USERNAMES[name] ?? 0n), channels: usernames.map((name) => names.get(name.toLowerCase()) ?? 0n) }),
        touchPresence: async ({ userIds }) => {
          touched.push(...userIds.map(Number));
          return {};
        },
        announceJoined: async () => ({}),
        findBlocks: async ({ pairs }) => ({ blocked: pairs.map(({ owner, userId }) => blocks.has(`${owner} ${userId}`)) }),
        findContactOwners: async () => ({}),
        tellPeer: async (request) => {
          told.push(request);
          return {};
        },
        takeNotices: async () => ({}),
      });
    },
  };
  const secret = createHash('sha256').update('access-hash').digest();
  const keyring = createKeyringClient({
    secret: async () => secret,
    // Keys derived from their scope, so that a chat that is opened again reads what it wrote.
    dataKey: async (scope) => ({ key: createHash('sha256').update(scope).digest(), version: 1 }),
    deleteDataKey: async () => {},
  });
  const kit = await createTestKit({ keyring, folder: options.folder, clock: options.clock });
  await kit.start(neighbours, messageStoreService);
  const client = kit.kit().client(ClientApiService, { owner: 'message-store' });

  const say = async (from: number, peer: TypeInputPeer, message: string, more: Partial<Api['messages.sendMessage']['request']> = {}): Promise<number> => {
    return sentId(await chat.call(from, { _: 'messages.sendMessage', peer, message, random_id: randomBytes(8).readBigInt64LE(), ...more }));
  };
  const history = async (of: number, peer: TypeInputPeer): Promise<(Message | MessageService)[]> => {
    const answer = await chat.call(of, { _: 'messages.getHistory', peer, offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n });
    return messagesOf(answer) as (Message | MessageService)[];
  };
  const chat: Chat = {
    kit,
    pushes,
    async block(owner, peer, block = true) {
      if (block) blocks.add(`${owner} ${peer}`);
      else blocks.delete(`${owner} ${peer}`);
      const store = kit.kit().client(MessageStoreService);
      await store.forgetContact({ from: BigInt(owner), to: BigInt(peer) });
      await store.forgetContact({ from: BigInt(peer), to: BigInt(owner) });
    },
    deleted,
    touched,
    told,
    async call(user, request) {
      const response = await client.invoke({ query: writeObject(request as Api['updates.getState']['request'], 'newest'), caller: create(CallerSchema, { userId: BigInt(user), dc: 2, authKeyId: BigInt(user), sessionId: 1n }) });
      sessionChange = response.sessionChange;
      const { outcome } = response;
      if (outcome.case === 'error') throw new Error(outcome.value.message);
      return readResult(request._, outcome.value as Uint8Array) as Api[typeof request._]['result'];
    },
    lastSessionChange: () => sessionChange,
    peer: (viewer, id) => ({ _: 'inputPeerUser', user_id: id, access_hash: accessHash(secret, viewer, 'user', id) }),
    inputUser: (viewer, id) => ({ _: 'inputUser', user_id: id, access_hash: accessHash(secret, viewer, 'user', id) }),
    say: (from, to, text, more) => say(from, chat.peer(from, to), text, more),
    history: (of, peer) => history(of, chat.peer(of, peer)),
    async group(creator, members, title) {
      const { updates } = await chat.call(creator, { _: 'messages.createChat', users: members.map((user) => chat.inputUser(creator, user)), title });
      const made = updatesOf(updates).find((update) => update._ === 'updateChatParticipants');
      if (!made) throw new Error('a group was made without participants');
      const { chat_id } = made.participants;
      for (const member of members) await eventually(() => chat.call(member, { _: 'messages.getChats', id: [chat_id] }).then(() => true, () => false));
      return chat_id;
    },
    sayIn: (from, group, text, more) => say(from, { _: 'inputPeerChat', chat_id: group }, text, more),
    historyIn: (of, group) => history(of, { _: 'inputPeerChat', chat_id: group }),
    async channel(creator, members, title, broadcast = false) {
      const made = await chat.call(creator, { _: 'channels.createChannel', title, about: '', megagroup: !broadcast, broadcast });
      const told = updatesOf(made).find((update) => update._ === 'updateChannel');
      if (!told) throw new Error('a channel was made without a word of it');
      const { channel_id } = told;
      if (members.length > 0) {
        await chat.call(creator, { _: 'channels.inviteToChannel', channel: chat.inputChannel(creator, channel_id), users: members.map((user) => chat.inputUser(creator, user)) });
      }
      return channel_id;
    },
    inputChannel: (viewer, id) => ({ _: 'inputChannel', channel_id: id, access_hash: accessHash(secret, viewer, 'channel', id) }),
    channelPeer: (viewer, id) => ({ _: 'inputPeerChannel', channel_id: id, access_hash: accessHash(secret, viewer, 'channel', id) }),
    close: () => kit.close(),
  };
  return chat;
}

/** Id of the message that an answer to a send is about. */
export function sentId(answer: Api['messages.sendMessage']['result']): number {
  if (answer._ === 'updateShortSentMessage') return answer.id;
  if (answer._ !== 'updates') throw new Error(`a send was answered with ${answer._}`);
  const sent = answer.updates.find((update) => update._ === 'updateNewMessage' || update._ === 'updateNewChannelMessage');
  if (!sent) throw new Error('a send was answered without its message');
  return sent.message.id;
}

export function messagesOf(answer: Api['messages.getHistory']['result']): TypeMessage[] {
  if (answer._ === 'messages.messagesNotModified') throw new Error('not modified');
  return answer.messages;
}

export function updatesOf(answer: Api['messages.editMessage']['result']): TypeUpdate[] {
  if (answer._ !== 'updates') throw new Error(`expected updates, not ${answer._}`);
  return answer.updates;
}

export const texts = (messages: readonly TypeMessage[]): string[] => messages.map((message) => (message._ === 'message' ? message.message : message._));
