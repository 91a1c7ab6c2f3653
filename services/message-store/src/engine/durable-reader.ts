import type { BoxReader } from './contract';

/**
 * A reader that tells nothing that a crash could take back. Embedded, writes are seen before they are durable: a reader of an older
 * moment may meet the edit or the deletion of a command that came after it. Then its answer waits until that command is durable.
 *
 * | reader at pts 20 | engine |
 * |---|---|
 * | | applies the edit at pts 21; its row can be seen, and is not durable |
 * | a difference from 18 leaves out the edit at 19: the message says it was edited at 21 | |
 * | (without the wait) answers: up to 20, no edit | |
 * | | crash: the edit at 21 never was. The session never learns of the one at 19 |
 */
export class DurableReader implements BoxReader {
  constructor(private readonly reader: BoxReader, private readonly rowsDurable: () => Promise<void>) {}

  private async once<T>(read: Promise<T>): Promise<T> {
    const answer = await read;
    await this.rowsDurable();
    return answer;
  }

  // The moment itself is durable: a snapshot is taken when no rows are in flight.
  head: BoxReader['head'] = () => this.reader.head();
  dialog: BoxReader['dialog'] = (peer) => this.reader.dialog(peer);
  dialogs: BoxReader['dialogs'] = (query) => this.reader.dialogs(query);
  leftChannels: BoxReader['leftChannels'] = () => this.reader.leftChannels();
  pinnedDialogs: BoxReader['pinnedDialogs'] = (folder) => this.reader.pinnedDialogs(folder);
  archivedDialogs: BoxReader['archivedDialogs'] = () => this.reader.archivedDialogs();
  notifyExceptions: BoxReader['notifyExceptions'] = (limit) => this.reader.notifyExceptions(limit);
  annotatedDialogs: BoxReader['annotatedDialogs'] = (limit) => this.reader.annotatedDialogs(limit);
  members: BoxReader['members'] = () => this.reader.members();
  channels: BoxReader['channels'] = () => this.reader.channels();
  dialogCount: BoxReader['dialogCount'] = (folder) => this.reader.dialogCount(folder);

  messages: BoxReader['messages'] = (ids) => this.once(this.reader.messages(ids));
  history: BoxReader['history'] = (query) => this.once(this.reader.history(query));
  findIdAtDate: BoxReader['findIdAtDate'] = (peer, date) => this.once(this.reader.findIdAtDate(peer, date));
  countAbove: BoxReader['countAbove'] = (peer, id) => this.once(this.reader.countAbove(peer, id));
  scheduled: BoxReader['scheduled'] = (peer, ids) => this.once(this.reader.scheduled(peer, ids));
  findLocalIds: BoxReader['findLocalIds'] = (uids) => this.once(this.reader.findLocalIds(uids));
  changes: BoxReader['changes'] = (after, limit) => this.once(this.reader.changes(after, limit));
  channelMembers: BoxReader['channelMembers'] = (users) => this.once(this.reader.channelMembers(users));
  listChannelMembers: BoxReader['listChannelMembers'] = (kind, after, limit) => this.once(this.reader.listChannelMembers(kind, after, limit));
  votesOf: BoxReader['votesOf'] = (user, ids) => this.once(this.reader.votesOf(user, ids));
  listVotes: BoxReader['listVotes'] = (query) => this.once(this.reader.listVotes(query));
  reactionsOf: BoxReader['reactionsOf'] = (user, ids) => this.once(this.reader.reactionsOf(user, ids));
  listReactions: BoxReader['listReactions'] = (query) => this.once(this.reader.listReactions(query));
  searchToken: BoxReader['searchToken'] = (query) => this.once(this.reader.searchToken(query));
  listPostings: BoxReader['listPostings'] = (query) => this.once(this.reader.listPostings(query));
}
