import { collectPeers } from './peers';

const mentioned = (value: unknown): string[] => {
  const found: string[] = [];
  collectPeers(value, (kind, id) => found.push(`${kind} ${id}`));
  return found.sort();
};
const message = (content: object): object => ({ _: 'message', id: 1, peer_id: { _: 'peerUser', user_id: 1 }, date: 1, message: '', ...content });

test.each([
  ['the dialog', message({}), ['user 1']],
  ['the author', message({ from_id: { _: 'peerChannel', channel_id: 2 } }), ['channel 2', 'user 1']],
  ['a bot', message({ via_bot_id: 3 }), ['user 1', 'user 3']],
  ['a forward', message({ fwd_from: { _: 'messageFwdHeader', date: 1, from_id: { _: 'peerUser', user_id: 4 }, saved_from_peer: { _: 'peerChat', chat_id: 5 } } }), ['chat 5', 'user 1', 'user 4']],
  ['a mention in text', message({ entities: [{ _: 'messageEntityBold', offset: 0, length: 1 }, { _: 'messageEntityMentionName', offset: 0, length: 1, user_id: 6 }] }), ['user 1', 'user 6']],
  ['a contact', message({ media: { _: 'messageMediaContact', user_id: 7, phone_number: '', first_name: '', last_name: '', vcard: '' } }), ['user 1', 'user 7']],
  ['a service action', { _: 'messageService', id: 1, peer_id: { _: 'peerChat', chat_id: 8 }, date: 1, action: { _: 'messageActionChatAddUser', users: [9, 10] } }, ['chat 8', 'user 10', 'user 9']],
  ['a reply to another chat', message({ reply_to: { _: 'messageReplyHeader', reply_to_peer_id: { _: 'peerChannel', channel_id: 11 } } }), ['channel 11', 'user 1']],
  ['a chat that became a channel', { _: 'messageActionChatMigrateTo', channel_id: 12 }, ['channel 12']],
  ['chats of either kind', { _: 'privacyValueAllowChatParticipants', chats: [13] }, ['channel 13', 'chat 13']],
  ['an update', { _: 'updates', updates: [{ _: 'updateUserTyping', user_id: 14, action: { _: 'sendMessageTypingAction' } }], users: [], chats: [], date: 1, seq: 0 }, ['user 14']],
  ['a vector', [{ _: 'contact', user_id: 15, mutual: false }, { _: 'contact', user_id: 16, mutual: true }], ['user 15', 'user 16']],
  ['no one: the objects themselves', { _: 'contacts.contacts', contacts: [], saved_count: 0, users: [{ _: 'user', id: 17, linked_community_id: 20 }] }, []],
  ['no one: nor what belongs to them', { _: 'messages.chats', chats: [{ _: 'channel', id: 19, linked_monoforum_id: 21 }] }, []],
  ['no one: a secret chat has no peer', { _: 'updateEncryptedChatTyping', chat_id: 18 }, []],
  ['no one: a bare result', true, []],
])('%s', (_, value, peers) => {
  expect(mentioned(value)).toEqual(peers);
});
