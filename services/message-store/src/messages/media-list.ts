import { peerOfSavedPart } from '@heliograph/box/box-id';
import { classesOfFilter } from '@heliograph/box/media-class';
import { classWord, savedWord } from '@heliograph/box/search-words';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeMessagesFilter } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { MEDIA_CHECKED_MESSAGES_MAX, MEDIA_LISTED_MESSAGES_MAX, MEDIA_SAMPLE_MESSAGES, REQUEST_IDS_MAX } from '../limits';
import type { ChatMessages } from './chat-messages';
import { isInPart } from './saved-dialogs';
import { searchKeys } from './search-keys';

/**
 * All messages of a chat that carry some kind of media, newest first, by id. Up to MEDIA_CHECKED_MESSAGES_MAX of them were read, and are what they are said to be;
 * of more the list is what the index says (the newest MEDIA_LISTED_MESSAGES_MAX), and how many of those are left is told from a sample.
 */
export class MediaList {
  private constructor(private readonly chat: ChatMessages | undefined, private readonly classes: number, readonly ids: readonly number[], private readonly share: number, private readonly known: ReadonlyMap<number, MessageRecord>) {}

  /** `chat`: undefined is one that holds nothing. Throws FILTER_NOT_SUPPORTED for what is no kind of media: all messages, mentions. */
  static async of(deps: Pick<Deps, 'dc' | 'dcs' | 'homes' | 'keyring'>, chat: ChatMessages | undefined, filter: TypeMessagesFilter): Promise<MediaList> {
    if (filter._ === 'inputMessagesFilterEmpty' || filter._ === 'inputMessagesFilterMyMentions') throw badRequest('FILTER_NOT_SUPPORTED');
    if (!chat) return new MediaList(chat, 0, [], 1, new Map());
    if (filter._ === 'inputMessagesFilterPinned') {
      const pinned = [...(chat.reader.dialog(chat.peer)?.pinnedIds ?? [])].sort((a, b) => b - a);
      return new MediaList(chat, 0, pinned, 1, new Map()).checked();
    }
    const classes = classesOfFilter(filter);
    // Groups have no photos yet.
    if (classes === undefined) return new MediaList(chat, 0, [], 1, new Map());
    const keys = await searchKeys(deps, chat.reader, chat.box, chat.peer);
    const words = chat.part === undefined ? [] : [savedWord(peerOfSavedPart(chat.part))];
    const tokens = keys.flatMap((key) => bitsOf(classes).map((bit) => [classWord(bit), ...words].map((word) => key.token(word))));
    const found = await Promise.all(tokens.map((wanted) => chat.reader.listPostings({ peer: chat.peer, tokens: wanted, maxId: 0, minId: 0, limit: MEDIA_LISTED_MESSAGES_MAX })));
    const ids = [...new Set(found.flat())].sort((a, b) => b - a).slice(0, MEDIA_LISTED_MESSAGES_MAX);
    const listed = new MediaList(chat, classes, ids, 1, new Map());
    return ids.length <= MEDIA_CHECKED_MESSAGES_MAX ? listed.checked() : listed.sampled();
  }

  /** Whether every one of them was read. */
  get isExact(): boolean {
    return this.ids.length === this.known.size;
  }

  get count(): number {
    return this.place(this.ids.length);
  }

  /** The place among all of them of the one at an index of the list. */
  place(index: number): number {
    return Math.round(index * this.share);
  }

  /** The index of the first message below an id; 0: of the newest. */
  indexBelow(id: number): number {
    if (id <= 0) return 0;
    const index = this.ids.findIndex((each) => each < id);
    return index < 0 ? this.ids.length : index;
  }

  /** Those messages at these indexes that are still there, in that order. */
  async read(indexes: readonly number[]): Promise<{ index: number; record: MessageRecord }[]> {
    const unread = indexes.map((index) => this.ids[index] as number).filter((id) => !this.known.has(id));
    const records = this.isExact ? this.known : await readMedia(this.chat, this.classes, unread);
    return indexes.flatMap((index) => {
      const record = records.get(this.ids[index] as number);
      return record === undefined ? [] : [{ index, record }];
    });
  }

  private async checked(): Promise<MediaList> {
    const known = await readMedia(this.chat, this.classes, this.ids);
    return new MediaList(this.chat, this.classes, this.ids.filter((id) => known.has(id)), 1, known);
  }

  private async sampled(): Promise<MediaList> {
    const step = this.ids.length / MEDIA_SAMPLE_MESSAGES;
    const sample = Array.from({ length: MEDIA_SAMPLE_MESSAGES }, (_, each) => this.ids[Math.floor(each * step)] as number);
    const { size } = await readMedia(this.chat, this.classes, sample);
    return new MediaList(this.chat, this.classes, this.ids, size / sample.length, new Map());
  }
}

/** Those of the messages that carry one of the classes (0: any). */
async function readMedia(chat: ChatMessages | undefined, classes: number, ids: readonly number[]): Promise<ReadonlyMap<number, MessageRecord>> {
  if (!chat) return new Map();
  const pages = Array.from({ length: Math.ceil(ids.length / REQUEST_IDS_MAX) }, (_, page) => ids.slice(page * REQUEST_IDS_MAX, (page + 1) * REQUEST_IDS_MAX));
  const read = await Promise.all(pages.map((page) => chat.reader.messages(page)));
  const fitting = read.flat().filter((record) => record !== undefined && isInPart(record, chat.part) && (classes === 0 || ((record.content?.mediaClass ?? 0) & classes) !== 0));
  return new Map(fitting.map((record) => [(record as MessageRecord).id, record as MessageRecord]));
}

function bitsOf(classes: number): number[] {
  const bits: number[] = [];
  for (let bit = 1; bit <= classes; bit <<= 1) if (classes & bit) bits.push(bit);
  return bits;
}
