import { channelBox } from '@heliograph/box/box-id';
import { AUTHORED_CHANNELS_MAX, AUTHORED_POSTS_PER_CHANNEL_MAX } from './limits';
import { RecentAuthors } from './recent-authors';

const CHAT = channelBox(1_000_000_002);
const [ANN, BEN, CAT] = [66, 98, 130];

describe('authors of what was read', () => {
  let authors: RecentAuthors;
  beforeEach(() => {
    authors = new RecentAuthors();
  });

  it('are anybody until all that was told before is known', () => {
    expect(authors.readUpTo(CHAT, 5, BEN)).toBeUndefined();
    authors.wrote(CHAT, 6, ANN);
    expect(authors.readUpTo(CHAT, 6, BEN)).toBeUndefined();
  });

  it('are those alone whose messages it is about, and who has read himself', () => {
    authors.wrote(CHAT, 6, ANN);
    authors.readUpTo(CHAT, 6, BEN);
    authors.wrote(CHAT, 7, ANN);
    authors.wrote(CHAT, 8, CAT);
    authors.wrote(CHAT, 9, 7);
    expect(authors.readUpTo(CHAT, 8, BEN)?.sort((a, b) => a - b)).toEqual([ANN, BEN, CAT]);
    // Another reads: who read furthest before learns that somebody else has.
    expect(authors.readUpTo(CHAT, 8, CAT)?.sort((a, b) => a - b)).toEqual([BEN, CAT]);
    expect(authors.readUpTo(CHAT, 9, CAT)?.sort((a, b) => a - b)).toEqual([7, CAT]);
  });

  it('are anybody again after more than is remembered, and after a gap', () => {
    authors.wrote(CHAT, 1, ANN);
    authors.readUpTo(CHAT, 1, BEN);
    for (let id = 2; id <= AUTHORED_POSTS_PER_CHANNEL_MAX + 2; id += 1) authors.wrote(CHAT, id, ANN);
    expect(authors.readUpTo(CHAT, 5, BEN)).toBeUndefined();
    expect(authors.readUpTo(CHAT, 6, BEN)).toEqual([BEN, ANN]);
    authors.clear();
    expect(authors.readUpTo(CHAT, 7, BEN)).toBeUndefined();
    authors.wrote(CHAT, 300, ANN);
    authors.readUpTo(CHAT, 300, BEN);
    for (let other = 1; other <= AUTHORED_CHANNELS_MAX; other += 1) authors.wrote(CHAT - other, 1, ANN);
    expect(authors.readUpTo(CHAT, 301, BEN)).toBeUndefined();
  });
});
