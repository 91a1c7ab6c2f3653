import type { DataKey } from '@heliograph/crypto/keyring';
import type { Content, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { DraftMessage, HeliographDraft, HeliographMessageContent } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { channelBox, groupBox } from './box-id';
import { contentPlace, copiedFrom, draftPlace, markSealed, withoutMark, type DialogKeys, type DialogSeal } from './dialog-key';
import { copiedContent } from './discussion';
import { mediaClass } from './media-class';
import { pollTerms } from './polls';
import { contentTokens } from './search-words';

/** What a person wrote, before it is sealed. Field meanings: libs/tl/schema/heliograph.tl. */
export type MessageContent = HeliographMessageContent;

/** Content as commands carry it. */
export type SealedContent = Pick<Content, 'sealed' | 'tokens' | 'mediaClass' | 'service' | 'poll' | 'savedPeer'>;

/**
 * Seals content for the dialog of `a` and `b` (users, or a user and a group's box) and makes what the box engine may see of it.
 * `thread`: first message of the channel's thread that it is in, 0: none.
 */
export function sealContent({ key, dc }: DialogSeal, a: number, b: number, content: MessageContent, thread = 0): SealedContent {
  const classes = mediaClass(content);
  const savedFrom = a === b && a > 0 ? savedFromOf(content) : 0;
  const terms = pollTerms(content);
  return {
    sealed: markSealed(key.seal(writeObject(content, 'newest'), contentPlace(a, b)), dc),
    tokens: contentTokens(key, content.message, classes, { thread, saved: a === b && a > 0 ? savedFrom || a : 0 }),
    mediaClass: classes,
    service: content.action !== undefined,
    savedPeer: BigInt(savedFrom),
    poll: terms && { $typeName: 'heliograph.box.v1.PollTerms', ...terms },
  };
}

/** The chat that a message in Saved Messages was forwarded from, by its number; 0: from none. */
function savedFromOf({ fwd_from: origin }: MessageContent): number {
  const peer = origin?.saved_from_peer;
  if (peer === undefined) return 0;
  if (peer._ === 'peerUser') return peer.user_id;
  return peer._ === 'peerChannel' ? channelBox(peer.channel_id) : groupBox(peer.chat_id);
}

/**
 * Opens the content of a message in `box`; of a discussion group's copy of a post as the copy has it. Throws SealBroken when the bytes were changed or belong
 * to another dialog.
 */
export function openContent(keys: DialogKeys, box: number, record: Pick<MessageRecord, 'peer' | 'content'> & Partial<Pick<MessageRecord, 'uid' | 'date'>>): MessageContent {
  const sealed = record.content?.sealed;
  if (!sealed || sealed.length === 0) throw new Error('a message without content is not alive');
  const broadcast = copiedFrom(record);
  const place = broadcast === 0 ? contentPlace(box, Number(record.peer)) : contentPlace(broadcast, 0);
  const content = readObject(keys.ofContent(record, sealed).open(withoutMark(sealed), place), 'heliograph.MessageContent') as MessageContent;
  return broadcast === 0 ? content : copiedContent(content, record, broadcast);
}

/** A draft of `box` in its dialog with `peer`, sealed under the owner's user key. */
export function sealDraft(key: DataKey, box: number, peer: number, draft: HeliographDraft): Uint8Array {
  return key.seal(writeObject(draft, 'newest'), draftPlace(box, peer));
}

export function openDraft(key: DataKey, box: number, peer: number, sealed: Uint8Array): DraftMessage {
  const draft = readObject(key.open(sealed, draftPlace(box, peer)), 'heliograph.Draft') as HeliographDraft;
  return { ...draft, _: 'draftMessage' };
}
