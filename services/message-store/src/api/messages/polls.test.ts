import { eventually } from '@heliograph/testing/eventually';
import type { Api, InputMediaPoll, Message, MessageMediaPoll, Poll, TypeInputPeer, TypeUpdate, UpdateMessagePoll } from '@heliograph/tl/api';
import { randomBytes } from 'node:crypto';
import { ALICE, BOB, CAROL, openChat, updatesOf, type Chat } from '../../testing/chat';

const option = (name: string): Uint8Array => Buffer.from(name);
const text = (value: string) => ({ _: 'textWithEntities' as const, text: value, entities: [] });
const poll = (more: Partial<Poll> = {}): Poll => ({
  _: 'poll', id: 0n, hash: 0n, question: text('Which?'), answers: ['a', 'b', 'c'].map((name) => ({ _: 'pollAnswer' as const, text: text(name), option: option(name) })), ...more,
});
const media = (more: Partial<Poll> = {}, rest: Partial<InputMediaPoll> = {}): InputMediaPoll => ({ _: 'inputMediaPoll', poll: poll(more), ...rest });
const quiz = (more: Partial<Poll> = {}, rest: Partial<InputMediaPoll> = {}): InputMediaPoll => media({ quiz: true, ...more }, { correct_answers: [1], solution: 'because b\nis', solution_entities: [], ...rest });

describe('polls', () => {
  let chat: Chat;
  beforeEach(async () => {
    chat = await openChat();
  });
  afterEach(() => chat.close());

  const self: TypeInputPeer = { _: 'inputPeerSelf' };
  const ask = async (user: number, peer: TypeInputPeer, given: InputMediaPoll, more: Partial<Api['messages.sendMedia']['request']> = {}): Promise<Message> => {
    const updates = updatesOf(await chat.call(user, { _: 'messages.sendMedia', peer, media: given, message: '', random_id: randomBytes(8).readBigInt64LE(), ...more }));
    expect(updates.map(({ _ }) => _)).toEqual(['updateMessageID', expect.stringMatching(/^updateNew(Channel)?Message$/)]);
    return (updates[1] as { message: Message }).message;
  };
  const shown = (message: Message | undefined): MessageMediaPoll => message?.media as MessageMediaPoll;
  const vote = async (user: number, peer: TypeInputPeer, msg_id: number, ...options: string[]): Promise<UpdateMessagePoll> => {
    const updates = updatesOf(await chat.call(user, { _: 'messages.sendVote', peer, msg_id, options: options.map(option) }));
    expect(updates.map(({ _ }) => _)).toEqual(['updateMessagePoll']);
    return updates[0] as UpdateMessagePoll;
  };
  const close = async (user: number, peer: TypeInputPeer, id: number): Promise<TypeUpdate[]> =>
    updatesOf(await chat.call(user, { _: 'messages.editMessage', peer, id, media: media({ closed: true, question: text(''), answers: [] }) }));

  describe('in Saved Messages', () => {
    it('are shown with their answers, without results until one has voted', async () => {
      const asked = await ask(ALICE, self, media({ question: text(' Which?\n') }), { message: 'a caption' });
      expect(asked).toMatchObject({ message: 'a caption', media: { _: 'messageMediaPoll', poll: { creator: true, question: { text: 'Which?' }, answers: [{ text: { text: 'a' } }, {}, {}] } } });
      expect([shown(asked).poll.id, shown(asked).poll.hash]).not.toContain(0n);
      expect(shown(asked).results).toEqual({ _: 'pollResults', total_voters: 0 });
      const voted = await vote(ALICE, self, asked.id, 'b');
      expect(voted).toMatchObject({ poll_id: shown(asked).poll.id, msg_id: asked.id, peer: { user_id: ALICE } });
      expect(voted.results).toMatchObject({ total_voters: 1, results: [{ voters: 0 }, { chosen: true, voters: 1 }, { voters: 0 }] });
      expect(voted.results.recent_voters).toBeUndefined();
      expect((await vote(ALICE, self, asked.id)).results).toEqual({ _: 'pollResults', total_voters: 0 });
    });

    it('answers without options get some', async () => {
      const asked = await ask(ALICE, self, media({ answers: ['x', 'y'].map((name) => ({ _: 'inputPollAnswer' as const, text: text(name) })) }));
      expect(shown(asked).poll.answers).toMatchObject([{ _: 'pollAnswer', text: { text: 'x' }, option: option('0') }, { option: option('1') }]);
    });

    it.each<[string, InputMediaPoll, string]>([
      ['one answer', media({ answers: poll().answers.slice(0, 1) }), 'POLL_ANSWERS_INVALID'],
      ['thirteen', media({ answers: Array.from({ length: 13 }, (_, i) => ({ _: 'inputPollAnswer' as const, text: text(`${i}`) })) }), 'POLL_ANSWERS_INVALID'],
      ['no question', media({ question: text(' ') }), 'POLL_QUESTION_INVALID'],
      ['a long question', media({ question: text('x'.repeat(256)) }), 'POLL_QUESTION_INVALID'],
      ['an empty answer', media({ answers: [...poll().answers, { _: 'inputPollAnswer', text: text('') }] }), 'POLL_ANSWER_INVALID'],
      ['a long answer', media({ answers: [...poll().answers, { _: 'inputPollAnswer', text: text('x'.repeat(101)) }] }), 'POLL_ANSWER_INVALID'],
      ['an option twice', media({ answers: [...poll().answers, ...poll().answers] }), 'POLL_OPTION_DUPLICATE'],
      ['an option without bytes', media({ answers: [...poll().answers, { _: 'pollAnswer', text: text('d'), option: option('') }] }), 'POLL_OPTION_INVALID'],
      ['a quiz without a right answer', quiz({}, { correct_answers: undefined }), 'QUIZ_CORRECT_ANSWERS_EMPTY'],
      ['two right answers', quiz({}, { correct_answers: [0, 1] }), 'QUIZ_CORRECT_ANSWERS_TOO_MUCH'],
      ['a right answer that isn’t there', quiz({}, { correct_answers: [3] }), 'QUIZ_CORRECT_ANSWER_INVALID'],
      ['a quiz with several choices', quiz({ multiple_choice: true }), 'QUIZ_MULTIPLE_INVALID'],
      ['a long solution', quiz({}, { solution: 'x'.repeat(201) }), 'MEDIA_CAPTION_TOO_LONG'],
      ['a short time', media({ close_period: 4 }), 'MEDIA_INVALID'],
      ['two times', media({ close_period: 60, close_date: 2_000_000_000 }), 'MEDIA_INVALID'],
      ['answers of everybody', media({ open_answers: true }), 'NOT_IMPLEMENTED'],
    ])('%s is refused', async (_, given, error) => {
      await expect(ask(ALICE, self, given)).rejects.toThrow(error);
    });

    it('other media are refused, and polls to people', async () => {
      await expect(ask(ALICE, self, { _: 'inputMediaDice', emoticon: '🎲' } as never)).rejects.toThrow('NOT_IMPLEMENTED');
      await expect(ask(ALICE, self, { _: 'inputMediaEmpty' } as never)).rejects.toThrow('MEDIA_EMPTY');
      await expect(ask(ALICE, chat.peer(ALICE, BOB), media())).rejects.toThrow('MEDIA_INVALID');
      await expect(ask(ALICE, chat.peer(CAROL, BOB), media())).rejects.toThrow('PEER_ID_INVALID');
    });

    it('wait for their time as messages do, which they count from', async () => {
      const schedule_date = Math.floor(Date.now() / 1_000) + 3_600;
      const updates = updatesOf(await chat.call(ALICE, { _: 'messages.sendMedia', peer: self, media: media({ close_date: schedule_date + 60 }), message: '', random_id: 9n, schedule_date }));
      expect(updates).toMatchObject([{}, { _: 'updateNewScheduledMessage', message: { media: { poll: { question: { text: 'Which?' } }, results: { total_voters: 0 } } } }]);
      await expect(ask(ALICE, self, media({ close_date: schedule_date + 3_000_000 }))).rejects.toThrow('MEDIA_INVALID');
    });
  });

  describe('in a basic group', () => {
    let group: number;
    const peer = () => ({ _: 'inputPeerChat' as const, chat_id: group });
    const copy = async (user: number, accept: (found: MessageMediaPoll) => boolean = () => true): Promise<{ id: number; media: MessageMediaPoll }> => eventually(async () => {
      const message = (await chat.historyIn(user, group)).find((each): each is Message => each._ === 'message' && each.media?._ === 'messageMediaPoll');
      return message && accept(shown(message)) ? { id: message.id, media: shown(message) } : undefined;
    });
    const total = (user: number, count: number) => copy(user, ({ results }) => results.total_voters === count);
    beforeEach(async () => {
      group = await chat.group(ALICE, [BOB, CAROL], 'the three');
    });

    it('everybody votes once, and sees the results who has voted', async () => {
      const mine = await ask(ALICE, peer(), media({ public_voters: true }));
      const { id, media: theirs } = await copy(BOB);
      expect([theirs.poll.id, theirs.poll.creator]).toEqual([shown(mine).poll.id, undefined]);
      await vote(BOB, peer(), id, 'a');
      await vote(BOB, peer(), id, 'b');
      await vote(CAROL, peer(), (await copy(CAROL)).id, 'b');
      expect((await total(ALICE, 2)).media.results).toMatchObject({ recent_voters: [{ user_id: CAROL }, { user_id: BOB }], has_unread_votes: true });
      expect((await copy(ALICE)).media.results.results).toBeUndefined();
      expect((await total(BOB, 2)).media.results.results).toMatchObject([{ voters: 0 }, { voters: 2, chosen: true, recent_voters: [{ user_id: CAROL }, { user_id: BOB }] }, {}]);
      await expect(vote(BOB, peer(), id, 'x')).rejects.toThrow('OPTION_INVALID');
      await expect(vote(BOB, peer(), id, 'a', 'b')).rejects.toThrow('OPTIONS_TOO_MUCH');
      await expect(vote(BOB, peer(), 999, 'a')).rejects.toThrow('MESSAGE_ID_INVALID');
      expect((await vote(BOB, peer(), id)).results).toMatchObject({ total_voters: 1 });
    });

    it('who voted is told who has voted too, page by page', async () => {
      const mine = await ask(ALICE, peer(), media({ public_voters: true, multiple_choice: true }));
      const votes = (more: Partial<Api['messages.getPollVotes']['request']> = {}) => chat.call(ALICE, { _: 'messages.getPollVotes', peer: peer(), id: mine.id, limit: 2, ...more });
      await expect(votes()).rejects.toThrow('POLL_VOTE_REQUIRED');
      await vote(BOB, peer(), (await copy(BOB)).id, 'a', 'c');
      await vote(CAROL, peer(), (await copy(CAROL)).id, 'a');
      await total(ALICE, 2);
      await vote(ALICE, peer(), mine.id, 'c');
      const first = await votes();
      expect(first).toMatchObject({ count: 3, votes: [{ _: 'messagePeerVote', peer: { user_id: ALICE }, option: option('c') }, { peer: { user_id: CAROL } }], next_offset: '1' });
      expect(await votes({ offset: first.next_offset })).toMatchObject({ votes: [{ _: 'messagePeerVoteMultiple', peer: { user_id: BOB }, options: [option('a'), option('c')] }] });
      expect(await votes({ option: option('c') })).toMatchObject({ count: 2, votes: [{ _: 'messagePeerVoteInputOption', peer: { user_id: ALICE } }, { peer: { user_id: BOB } }] });
      await expect(votes({ option: option('x') })).rejects.toThrow('OPTION_INVALID');
      await expect(votes({ offset: 'x' })).rejects.toThrow('OFFSET_INVALID');
      await expect(votes({ id: 999 })).rejects.toThrow('MSG_ID_INVALID');
      const anonymous = await ask(ALICE, peer(), media());
      await vote(ALICE, peer(), anonymous.id, 'a');
      await expect(votes({ id: anonymous.id })).rejects.toThrow('BROADCAST_FORBIDDEN');
    });

    it('a quiz is answered once, and says then what was right', async () => {
      const mine = await ask(ALICE, peer(), quiz());
      expect(JSON.stringify(shown(mine).results)).not.toContain('correct');
      expect(shown(mine).results.solution).toBeUndefined();
      const { id } = await copy(BOB);
      expect((await vote(BOB, peer(), id, 'a')).results).toMatchObject({ results: [{ chosen: true, voters: 1 }, { correct: true, voters: 0 }, {}], solution: 'because b\nis' });
      for (const options of [['b'], []]) await expect(vote(BOB, peer(), id, ...options)).rejects.toThrow('REVOTE_NOT_ALLOWED');
      expect((await total(ALICE, 1)).media.results.results).toBeUndefined();
    });

    it('results that wait for the end stay hidden until then', async () => {
      const mine = await ask(ALICE, peer(), quiz({ hide_results_until_close: true }));
      const { id } = await copy(BOB);
      const voted = await vote(BOB, peer(), id, 'a');
      expect(voted.results.results?.map(({ chosen, voters, correct }) => [chosen, voters, correct])).toEqual([[true, undefined, undefined], [undefined, undefined, undefined], [undefined, undefined, undefined]]);
      await total(ALICE, 1);
      await close(ALICE, peer(), mine.id);
      expect((await copy(BOB, ({ poll: { closed } }) => closed === true)).media.results).toMatchObject({ results: [{ chosen: true, voters: 1 }, { correct: true }, {}], solution: 'because b\nis' });
    });

    it('its author ends it, for all', async () => {
      const mine = await ask(ALICE, peer(), media());
      const { id } = await copy(BOB);
      await expect(close(BOB, peer(), id)).rejects.toThrow('MESSAGE_AUTHOR_REQUIRED');
      await expect(chat.call(ALICE, { _: 'messages.editMessage', peer: peer(), id: mine.id, media: media() })).rejects.toThrow('MEDIA_NEW_INVALID');
      expect(await close(ALICE, peer(), mine.id)).toMatchObject([{ _: 'updateMessagePoll', poll: { closed: true }, results: { total_voters: 0, results: [{ voters: 0 }, {}, {}] } }]);
      await copy(BOB, ({ poll: { closed } }) => closed === true);
      await expect(vote(BOB, peer(), id, 'a')).rejects.toThrow('MESSAGE_POLL_CLOSED');
      await expect(close(ALICE, peer(), mine.id)).rejects.toThrow('MESSAGE_NOT_MODIFIED');
      const plain = await chat.sayIn(ALICE, group, 'text');
      await expect(close(ALICE, peer(), plain)).rejects.toThrow('MEDIA_PREV_INVALID');
      await expect(vote(ALICE, peer(), plain, 'a')).rejects.toThrow('MESSAGE_ID_INVALID');
    });

    it('ends by itself', async () => {
      await ask(ALICE, peer(), media({ close_period: 5 }));
      const { id } = await copy(BOB);
      await eventually(async () => (await copy(BOB)).media.poll.closed, { timeoutMs: 15_000 });
      await expect(vote(BOB, peer(), id, 'a')).rejects.toThrow('MESSAGE_POLL_CLOSED');
    }, 20_000);

    it('results are told on request, the poll itself where it is another', async () => {
      const mine = await ask(ALICE, peer(), media());
      const results = async (poll_hash: bigint) => updatesOf(await chat.call(ALICE, { _: 'messages.getPollResults', peer: peer(), msg_id: mine.id, poll_hash }))[0] as UpdateMessagePoll;
      const { hash } = shown(mine).poll;
      expect([(await results(0n)).poll?.hash, (await results(hash)).poll]).toEqual([hash, undefined]);
      await close(ALICE, peer(), mine.id);
      expect((await results(hash)).poll).toMatchObject({ closed: true });
      await expect(chat.call(ALICE, { _: 'messages.getPollResults', peer: peer(), msg_id: 999, poll_hash: 0n })).rejects.toThrow('MESSAGE_ID_INVALID');
    });

    it('votes are unread for the author until he has seen them', async () => {
      const mine = await ask(ALICE, peer(), media({ public_voters: true }));
      const count = async () => {
        const { dialogs } = await chat.call(ALICE, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: peer() }] });
        return dialogs[0]?._ === 'dialog' ? dialogs[0].unread_poll_votes_count : -1;
      };
      await vote(BOB, peer(), (await copy(BOB)).id, 'a');
      await vote(CAROL, peer(), (await copy(CAROL)).id, 'a');
      await eventually(async () => (await count()) === 2);
      const unread = { _: 'messages.getUnreadPollVotes', peer: peer(), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 } as const;
      expect(await chat.call(ALICE, unread)).toMatchObject({ messages: [{ id: mine.id }] });
      expect(await chat.call(ALICE, { _: 'messages.readPollVotes', peer: peer(), top_msg_id: 1 })).toMatchObject({ pts_count: 0 });
      expect(await chat.call(ALICE, { _: 'messages.readPollVotes', peer: peer() })).toMatchObject({ pts_count: 1 });
      expect(await chat.call(ALICE, unread)).toMatchObject({ messages: [] });
      expect([await count(), (await copy(ALICE)).media.results.has_unread_votes]).toEqual([0, undefined]);
    });

    it('those who left vote no more; those who may not send polls don’t', async () => {
      await ask(ALICE, peer(), media());
      const { id } = await copy(BOB);
      await chat.call(BOB, { _: 'messages.deleteChatUser', chat_id: group, user_id: { _: 'inputUserSelf' } });
      await expect(vote(BOB, peer(), id, 'a')).rejects.toThrow('PEER_ID_INVALID');
      await chat.call(ALICE, { _: 'messages.editChatDefaultBannedRights', peer: peer(), banned_rights: { _: 'chatBannedRights', send_polls: true, until_date: 0 } });
      await expect(ask(CAROL, peer(), media())).rejects.toThrow('CHAT_SEND_POLL_FORBIDDEN');
    });

    it('a forwarded one is a poll of its own; one that is over goes with its results', async () => {
      const mine = await ask(ALICE, peer(), quiz());
      const forward = async (from: number, id: number, to: TypeInputPeer, more: object = {}) => {
        const updates = updatesOf(await chat.call(from, { _: 'messages.forwardMessages', from_peer: peer(), to_peer: to, id: [id], random_id: [randomBytes(8).readBigInt64LE()], ...more }));
        return (updates[1] as { message: Message }).message;
      };
      const { id } = await copy(BOB);
      await expect(forward(BOB, id, self, { drop_author: true })).rejects.toThrow('QUIZ_ANSWER_MISSING');
      await vote(BOB, peer(), id, 'a');
      const sent = await forward(BOB, id, chat.peer(BOB, CAROL));
      expect(shown(sent)).toMatchObject({ poll: { quiz: true }, results: { total_voters: 0 } });
      expect(shown(sent).poll.id).not.toBe(shown(mine).poll.id);
      const theirs = await eventually(async () => (await chat.history(CAROL, BOB)).find((each): each is Message => each._ === 'message'));
      expect((await vote(CAROL, chat.peer(CAROL, BOB), theirs.id, 'b')).results).toMatchObject({ results: [{}, { correct: true, chosen: true, voters: 1 }, {}] });
      await eventually(async () => shown((await chat.history(BOB, CAROL))[0] as Message).results.total_voters === 1);
      await total(ALICE, 1);
      await close(ALICE, peer(), mine.id);
      expect(shown(await forward(ALICE, mine.id, self))).toMatchObject({ poll: { closed: true }, results: { total_voters: 1, results: [{ voters: 1 }, { correct: true, voters: 0 }, {}], solution: 'because b\nis' } });
    });
  });

  describe('in a channel', () => {
    let group: number;
    const peer = (viewer: number) => chat.channelPeer(viewer, group);
    const inHistory = async (viewer: number): Promise<MessageMediaPoll> => {
      const answer = await chat.call(viewer, { _: 'messages.getHistory', peer: peer(viewer), offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n });
      return shown((answer as { messages: Message[] }).messages.find((each) => each.media !== undefined));
    };

    it('of members, everybody sees their own part', async () => {
      group = await chat.channel(ALICE, [BOB], 'the two');
      const { id } = await ask(ALICE, peer(ALICE), quiz({ public_voters: true }));
      expect((await vote(BOB, peer(BOB), id, 'b')).results).toMatchObject({ total_voters: 1, results: [{}, { chosen: true, correct: true, voters: 1 }, {}], solution: 'because b\nis' });
      await expect(vote(BOB, peer(BOB), id, 'a')).rejects.toThrow('REVOTE_NOT_ALLOWED');
      await expect(vote(CAROL, peer(CAROL), id, 'a')).rejects.toThrow('CHANNEL_PRIVATE');
      const seen = (await inHistory(ALICE)).results;
      expect([seen.total_voters, seen.results, seen.min]).toEqual([1, undefined, undefined]);
      const votes = (user: number) => chat.call(user, { _: 'messages.getPollVotes', peer: peer(user), id, limit: 10 });
      await expect(votes(ALICE)).rejects.toThrow('POLL_VOTE_REQUIRED');
      expect(await votes(BOB)).toMatchObject({ count: 1, votes: [{ peer: { user_id: BOB } }] });
      await expect(close(BOB, peer(BOB), id)).rejects.toThrow('MESSAGE_AUTHOR_REQUIRED');
      expect(await close(ALICE, peer(ALICE), id)).toMatchObject([{ _: 'updateMessagePoll', poll: { closed: true }, results: { results: [{ voters: 0 }, { voters: 1, correct: true }, {}] } }]);
      await expect(close(ALICE, peer(ALICE), id)).rejects.toThrow('MESSAGE_NOT_MODIFIED');
      expect((await inHistory(BOB)).poll.closed).toBe(true);
    });

    it('of members, who voted is told page by page, however many there are', async () => {
      group = await chat.channel(ALICE, [BOB, CAROL], 'the three');
      const { id } = await ask(ALICE, peer(ALICE), media({ public_voters: true, multiple_choice: true }));
      await vote(BOB, peer(BOB), id, 'a', 'c');
      await vote(CAROL, peer(CAROL), id, 'a');
      expect((await vote(ALICE, peer(ALICE), id, 'c')).results).toMatchObject({ total_voters: 3, results: [{ voters: 2 }, { voters: 0 }, { voters: 2, chosen: true }] });
      const votes = (more: Partial<Api['messages.getPollVotes']['request']> = {}) => chat.call(ALICE, { _: 'messages.getPollVotes', peer: peer(ALICE), id, limit: 2, ...more });
      const first = await votes();
      expect(first).toMatchObject({ count: 3, votes: [{ _: 'messagePeerVote', peer: { user_id: ALICE }, option: option('c') }, { peer: { user_id: CAROL } }] });
      const last = await votes({ offset: first.next_offset });
      expect([last.next_offset, last.votes]).toMatchObject([undefined, [{ _: 'messagePeerVoteMultiple', peer: { user_id: BOB }, options: [option('a'), option('c')] }]]);
      expect(await votes({ option: option('c') })).toMatchObject({ count: 2, votes: [{ _: 'messagePeerVoteInputOption', peer: { user_id: ALICE } }, { peer: { user_id: BOB } }] });
      await expect(votes({ offset: 'x' })).rejects.toThrow('OFFSET_INVALID');
      expect((await vote(BOB, peer(BOB), id)).results).toMatchObject({ total_voters: 2 });
      expect((await inHistory(BOB)).results.results).toBeUndefined();
      expect((await inHistory(CAROL)).results).toMatchObject({ total_voters: 2, recent_voters: [{ user_id: ALICE }, { user_id: CAROL }], results: [{ voters: 1, chosen: true }, { voters: 0 }, { voters: 1 }] });
      // What else happens to the message doesn't make it forget who voted how.
      const reacted = await chat.call(CAROL, { _: 'messages.sendReaction', peer: peer(CAROL), msg_id: id, reaction: [{ _: 'reactionEmoji', emoticon: '👍' }] });
      const edit = updatesOf(reacted).find((each) => each._ === 'updateEditChannelMessage');
      expect(shown(edit?.message as Message).results).toMatchObject({ results: [{ chosen: true }, {}, {}] });
      const topOf = async (user: number) => {
        const { messages } = await chat.call(user, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: peer(user) }] });
        return shown(messages.find((each) => each.id === id) as Message).results;
      };
      expect(await topOf(CAROL)).toMatchObject({ results: [{ chosen: true }, {}, {}] });
    });

    it('that is a broadcast, nobody is told who voted', async () => {
      group = await chat.channel(ALICE, [BOB], 'news', true);
      await expect(ask(ALICE, peer(ALICE), media({ public_voters: true }))).rejects.toThrow('BROADCAST_PUBLIC_VOTERS_FORBIDDEN');
      const { id } = await ask(ALICE, peer(ALICE), media());
      await vote(BOB, peer(BOB), id, 'a');
      await expect(chat.call(BOB, { _: 'messages.getPollVotes', peer: peer(BOB), id, limit: 10 })).rejects.toThrow('BROADCAST_FORBIDDEN');
      expect(updatesOf(await chat.call(BOB, { _: 'messages.getPollResults', peer: peer(BOB), msg_id: id, poll_hash: 0n }))).toMatchObject([{ results: { results: [{ chosen: true, voters: 1, recent_voters: [] }, {}, {}] } }]);
    });
  });
});
