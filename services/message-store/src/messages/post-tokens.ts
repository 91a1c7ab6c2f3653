import { openContent } from '@heliograph/box/content';
import { dialogKeys } from '@heliograph/box/dialog-key';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Logger } from '@heliograph/service-kit/kit';
import { createHmac } from 'node:crypto';
import { postWords } from '../domain/post-words';

/** What words of public posts are hashed under, of each DC its own: channels have keys of their own, and a search goes over all of them. Stored for ever. */
const POST_SECRET = 'public-posts';

/** Keys of post_word for normalized words and tags. */
export async function wordTokens(keyring: Pick<Keyring, 'secret'>, words: readonly string[]): Promise<bigint[]> {
  const secret = await keyring.secret(POST_SECRET);
  return words.map((word) => createHmac('sha256', secret).update(word).digest().readBigInt64BE(0));
}

/** What the engine indexes posts of a channel by, one list a post. Rejects where a key is out of reach; one whose bytes were changed is found by nothing. */
export async function postTokens({ keyring, log }: { readonly keyring: Keyring; readonly log: Logger }, box: number, posts: readonly MessageRecord[]): Promise<bigint[][]> {
  const keys = await dialogKeys(keyring, box, posts);
  const words = posts.map((post) => {
    try {
      return postWords(openContent(keys, box, post));
    } catch (error) {
      log.error({ box, id: post.id, error: String(error) }, 'a post can not be opened, and is not indexed');
      return [];
    }
  });
  return Promise.all(words.map((each) => wordTokens(keyring, each)));
}
