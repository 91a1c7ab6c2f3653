import assert from 'node:assert/strict';
import { Person, type Request } from '../client/person';
import { describe, type Outcome } from '../client/session';
import type { TlValue } from '../requests/definitions';
import type { KnownUser } from '../requests/sample-requests';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { inTurns, saysCanary } from './access';
import { ask, bannedRights, inputUser, must, random, word } from './rights';

interface ChannelName {
  readonly channel_id: number;
  readonly access_hash: bigint;
}

/** Bob shares a folder with a private channel of his, and has another that he doesn't share. */
interface Cast {
  readonly bob: Person;
  /** An admin of both. */
  readonly admin: Person;
  readonly adminForBob: KnownUser;
  readonly mallory: Person;
  readonly malloryForBob: KnownUser;
  readonly shared: ChannelName;
  readonly kept: ChannelName;
  readonly slug: string;
  /** Of both channels: titles, and what was said in them. */
  readonly titles: readonly [string, string];
  readonly said: readonly string[];
}

const listOf = (filter_id = 2): TlValue => ({ _: 'inputChatlistDialogFilter', filter_id });
const peerOf = (channel: ChannelName): TlValue => ({ _: 'inputPeerChannel', ...channel });
const channelOf = (channel: ChannelName): TlValue => ({ _: 'inputChannel', ...channel });
const folder = (...channels: readonly ChannelName[]): TlValue => ({
  _: 'messages.updateDialogFilter', id: 2,
  filter: { _: 'dialogFilter', id: 2, title: { _: 'textWithEntities', text: 'Shared', entities: [] }, pinned_peers: [], include_peers: channels.map(peerOf), exclude_peers: [] },
});

async function channelsOf(person: Person): Promise<Map<string, ChannelName>> {
  const answer = await person.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n });
  const chats = 'chats' in answer ? answer.chats : [];
  return new Map(chats.flatMap((chat) => (chat._ === 'channel' && chat.access_hash !== undefined ? [[chat.title, { channel_id: Number(chat.id), access_hash: chat.access_hash }]] : [])));
}

async function share(person: Person, ...channels: readonly ChannelName[]): Promise<string> {
  const { invite } = await person.call('chatlists.exportChatlistInvite', { chatlist: listOf(), title: '', peers: channels.map(peerOf) } as unknown as Request<'chatlists.exportChatlistInvite'>);
  return invite.url.slice(invite.url.lastIndexOf('/') + 1);
}

async function openCast(stage: Stage): Promise<Cast> {
  const [bob, admin, mallory] = await Promise.all(['Bob', 'Admin', 'Mallory'].map((name) => Person.signUp(stage.gateway, stage.phone(), name))) as [Person, Person, Person];
  const [adminForBob, malloryForBob] = [await bob.meet(admin), await bob.meet(mallory)];
  const titles: [string, string] = [`shared${word()}`, `kept${word()}`];
  const said: string[] = [];
  for (const title of titles) {
    await must(bob, { _: 'channels.createChannel', title, about: '', megagroup: true });
    const channel = (await channelsOf(bob)).get(title) as ChannelName;
    await must(bob, { _: 'channels.inviteToChannel', channel: channelOf(channel), users: [inputUser(adminForBob)] });
    said.push(`said${word()}`);
    await must(bob, { _: 'messages.sendMessage', peer: peerOf(channel), message: said.at(-1), random_id: random() });
  }
  const names = await channelsOf(bob);
  const [shared, kept] = titles.map((title) => names.get(title)) as [ChannelName, ChannelName];
  await must(bob, folder(shared, kept));
  return { bob, admin, adminForBob, mallory, malloryForBob, shared, kept, slug: await share(bob, shared), titles, said };
}

const check = (person: Person, slug: string): Promise<Outcome> => ask(person, { _: 'chatlists.checkChatlistInvite', slug });
const join = (person: Person, slug: string, ...channels: readonly ChannelName[]): Promise<Outcome> => ask(person, { _: 'chatlists.joinChatlistInvite', slug, peers: channels.map(peerOf) });

/** The channel of a link as somebody is shown it who is not in it. */
async function shownTo(person: Person, slug: string): Promise<ChannelName> {
  const { chats } = await person.call('chatlists.checkChatlistInvite', { slug });
  const [chat] = chats;
  assert.ok(chat?._ === 'channel' && chat.left === true && chat.access_hash !== undefined, 'the channel is shown');
  return { channel_id: Number(chat.id), access_hash: chat.access_hash };
}

const rights = (on: boolean): TlValue => ({ _: 'chatAdminRights', ...(on ? { invite_users: true } : { change_info: true }) });

/** Folders that are shared by links: who may share what, and what a link opens. */
export async function chatlistRows(stage: Stage): Promise<Row[]> {
  const cast = await openCast(stage);
  const { bob, admin, adminForBob, mallory, malloryForBob, shared, kept, slug, titles, said } = cast;
  const member = async (channel: ChannelName): Promise<boolean> => {
    const outcome = await ask(bob, { _: 'channels.getParticipant', channel: channelOf(channel), participant: { _: 'inputPeerUser', ...malloryForBob } });
    return outcome.error === undefined;
  };
  return [
    {
      name: 'a slug with one character changed opens nothing, and no answer tells how much of it was right',
      run: async () => {
        const changed = Array.from({ length: slug.length }, (_, index) => slug.slice(0, index) + (slug[index] === 'A' ? 'B' : 'A') + slug.slice(index + 1));
        const outcomes = await inTurns([...changed, slug.slice(1), `${slug}A`, 'A'.repeat(23), 'x'.repeat(5_000), '\u0000'], async (wrong) => [await check(mallory, wrong), await join(mallory, wrong)]);
        assert.deepEqual([...new Set(outcomes.flat().map(describe))], ['400 INVITE_SLUG_EXPIRED']);
        return `${outcomes.length} slugs`;
      },
    },
    {
      name: 'slugs of one user have nothing in common by which another one could be made',
      run: async () => {
        const others = [await share(bob, shared), await share(bob, shared)];
        for (const other of others) {
          const same = [...other].filter((character, index) => index > 1 && character === slug[index]).length;
          assert.ok(same < 10, `${same} characters are the same`);
          await must(bob, { _: 'chatlists.deleteExportedInvite', chatlist: listOf(), slug: other });
          assert.equal(describe(await check(mallory, other)), '400 INVITE_SLUG_EXPIRED');
        }
      },
    },
    {
      name: 'a link shows the channels that it shares and nothing else: no messages, no phone, no other channel',
      run: async () => {
        const outcome = await check(mallory, slug);
        assert.ok(outcome.result, describe(outcome));
        assert.equal(saysCanary(outcome.result, [...said, titles[1], bob.phone, admin.phone, admin.firstName]), undefined);
        assert.ok(outcome.result.includes(titles[0]));
        assert.equal((await ask(mallory, { _: 'messages.getHistory', peer: peerOf(await shownTo(mallory, slug)), offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n })).error?.type, 'CHANNEL_PRIVATE');
      },
    },
    {
      name: 'a link lets nobody into what it doesn\'t share, nor by another viewer\'s hash',
      run: async () => {
        const second = await share(bob, kept);
        const hidden = await shownTo(mallory, second);
        await must(bob, { _: 'chatlists.deleteExportedInvite', chatlist: listOf(), slug: second });
        assert.equal(describe(await join(mallory, slug, hidden)), '400 FILTER_INCLUDE_EMPTY');
        assert.equal(describe(await join(mallory, second, hidden)), '400 INVITE_SLUG_EXPIRED');
        assert.equal((await ask(mallory, { _: 'channels.joinChannel', channel: channelOf(hidden) })).error?.type, 'CHANNEL_PRIVATE');
        for (const foreign of [shared, { ...shared, access_hash: 0n }]) assert.equal(describe(await join(mallory, slug, foreign)), '400 CHANNEL_INVALID');
        assert.equal(await member(kept), false);
      },
    },
    {
      name: 'nobody shares what he may not invite to, and no link lets in by a right that was taken',
      run: async () => {
        const own = (await channelsOf(admin)).get(titles[0]) as ChannelName;
        await must(admin, folder(own));
        const refused = { _: 'chatlists.exportChatlistInvite', chatlist: listOf(), title: '', peers: [peerOf(own)] };
        assert.equal((await ask(admin, refused)).error?.type, 'CHAT_ADMIN_REQUIRED');
        const promote = (on: boolean): Promise<void> => must(bob, { _: 'channels.editAdmin', channel: channelOf(shared), user_id: inputUser(adminForBob), admin_rights: rights(on), rank: '' });
        await promote(false);
        assert.equal((await ask(admin, refused)).error?.type, 'CHAT_ADMIN_REQUIRED');
        await promote(true);
        const link = await share(admin, own);
        const named = await shownTo(mallory, link);
        await promote(false);
        assert.equal(describe(await join(mallory, link, named)), '400 CHANNEL_PRIVATE');
        const closed = await check(mallory, link);
        assert.ok(closed.result && saysCanary(closed.result, titles) === undefined, 'it shows no channel any more');
        await promote(true);
        await must(admin, { _: 'channels.leaveChannel', channel: channelOf(own) });
        assert.equal(describe(await join(mallory, link, named)), '400 CHANNEL_PRIVATE');
        assert.equal(await member(shared), false);
      },
    },
    {
      name: 'links and folders of others are not one\'s own: by their slug, by their id',
      run: async () => {
        await must(mallory, { _: 'channels.createChannel', title: 'mine', about: '', megagroup: true });
        const mine = (await channelsOf(mallory)).get('mine') as ChannelName;
        await must(mallory, folder(mine));
        await share(mallory, mine);
        const before = await bob.call('chatlists.getExportedInvites', { chatlist: listOf() } as unknown as Request<'chatlists.getExportedInvites'>);
        for (const request of [
          { _: 'chatlists.editExportedInvite', chatlist: listOf(), slug, title: 'hers' }, { _: 'chatlists.editExportedInvite', chatlist: listOf(), slug, peers: [peerOf(mine)] },
          { _: 'chatlists.deleteExportedInvite', chatlist: listOf(), slug },
        ]) assert.equal(describe(await ask(mallory, request)), '400 INVITE_SLUG_EXPIRED', request._);
        assert.deepEqual((await bob.call('chatlists.getExportedInvites', { chatlist: listOf() } as unknown as Request<'chatlists.getExportedInvites'>)).invites, before.invites);
        for (const id of [0, 1, 3, -1, 0x7fffffff]) assert.equal(describe(await ask(mallory, { _: 'chatlists.getExportedInvites', chatlist: listOf(id) })), '400 FILTER_ID_INVALID');
      },
    },
    {
      name: 'who was banned is not let in by a link, and who is let in gets out with the folder',
      run: async () => {
        const named = await shownTo(mallory, slug);
        const ban = (off: readonly string[]): Promise<void> => must(bob, { _: 'channels.editBanned', channel: channelOf(shared), participant: { _: 'inputPeerUser', ...malloryForBob }, banned_rights: bannedRights(...off) });
        await ban(['view_messages']);
        assert.equal(describe(await join(mallory, slug, named)), '400 CHANNEL_PRIVATE');
        await ban([]);
        assert.equal((await join(mallory, slug, named)).error, undefined);
        assert.equal(await member(shared), true);
        const { filter_id } = await mallory.call('chatlists.checkChatlistInvite', { slug }) as { filter_id?: number };
        await must(mallory, { _: 'chatlists.leaveChatlist', chatlist: listOf(filter_id), peers: [peerOf(named)] });
        assert.equal((await ask(mallory, { _: 'messages.getHistory', peer: peerOf(named), offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n })).error?.type, 'CHANNEL_PRIVATE');
      },
    },
  ];
}
