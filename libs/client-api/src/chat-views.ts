import type { GroupBoxService } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import type { Client, Clock } from '@heliograph/service-kit/kit';
import type { TypeChat } from '@heliograph/tl/api';
import { accessHash } from './access-hash';
import type { AccessSecretOf } from './access-secrets';
import { chatEmpty, chatFromView } from './chat';
import { DRESSED_CHATS_MAX, DRESSED_CHAT_TTL_MS, VIEWS_PER_CALL_MAX } from './limits';

/** A group as one viewer sees it, or a place for it while it is fetched. */
interface Remembered {
  chat: TypeChat | undefined;
  until: number;
}

export interface ChatViewsOptions {
  chats: Pick<Client<typeof GroupBoxService>, 'getChatViews'>;
  secretOf: AccessSecretOf;
  clock: Pick<Clock, 'now'>;
}

/** Basic groups as their viewers see them, remembered for DRESSED_CHAT_TTL_MS or until the viewer is told of a change. */
export class ChatViews {
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly options: ChatViewsOptions) {}

  find(viewerId: number, chatId: number): TypeChat | undefined {
    const key = keyOf(viewerId, chatId);
    const entry = this.remembered.get(key);
    if (entry?.chat === undefined) return undefined;
    if (entry.until > this.options.clock.now()) return entry.chat;
    this.remembered.delete(key);
    return undefined;
  }

  /** The viewer is being told that the group changed. An answer that is on its way may be older, and is not remembered. */
  forget(viewerId: number, chatId: number): void {
    this.remembered.delete(keyOf(viewerId, chatId));
  }

  /** Asks anew. Rejects with the message store's CallError. */
  async fetch(viewerId: number, chatIds: readonly number[]): Promise<Map<number, TypeChat>> {
    const { chats: service, secretOf, clock } = this.options;
    const secret = secretOf(viewerId);
    const found = new Map<number, TypeChat>();
    for (let start = 0; start < chatIds.length; start += VIEWS_PER_CALL_MAX) {
      const slice = chatIds.slice(start, start + VIEWS_PER_CALL_MAX);
      const places = slice.map((id) => this.open(keyOf(viewerId, id)));
      const { chats: views } = await service.getChatViews({ viewerId: BigInt(viewerId), chatIds: slice.map(BigInt) }, { routeKey: viewerId });
      const byId = new Map(views.map((view) => [Number(view.id), view]));
      slice.forEach((id, index) => {
        const view = byId.get(id);
        const chat = view ? chatFromView(view, viewerId, (channel) => accessHash(secret, viewerId, 'channel', channel)) : chatEmpty(id);
        found.set(id, chat);
        const place = places[index] as Remembered;
        place.chat = chat;
        place.until = clock.now() + DRESSED_CHAT_TTL_MS;
      });
    }
    return found;
  }

  private open(key: string): Remembered {
    if (this.remembered.size >= DRESSED_CHATS_MAX) {
      let drop = Math.ceil(DRESSED_CHATS_MAX / 10);
      for (const oldest of this.remembered.keys()) {
        this.remembered.delete(oldest);
        if (--drop === 0) break;
      }
    }
    const place: Remembered = { chat: undefined, until: 0 };
    this.remembered.set(key, place);
    return place;
  }
}

const keyOf = (viewerId: number, chatId: number): string => `${viewerId}:${chatId}`;
