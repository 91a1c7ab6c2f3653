import { peerUser } from '@heliograph/box/render-peer';
import type { MessagesSavedDialogs } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { messageViews } from './views';

/** The part of Saved Messages that holds everything, if `shown` and there is anything in it. */
export async function savedDialogs(deps: Pick<Deps, 'engine' | 'keyring'>, box: number, shown: boolean): Promise<MessagesSavedDialogs> {
  const reader = await deps.engine.read(box);
  const top = shown ? (reader.dialog(box)?.topId ?? 0) : 0;
  const [record] = top > 0 ? await reader.messages([top]) : [];
  if (!record) return { _: 'messages.savedDialogs', dialogs: [], messages: [], chats: [], users: [] };
  const messages = await messageViews(deps, reader, box, [record]);
  return { _: 'messages.savedDialogs', dialogs: [{ _: 'savedDialog', peer: peerUser(box), top_message: top }], messages, chats: [], users: [] };
}
