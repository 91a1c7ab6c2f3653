import type { TlObject } from './compile';
import { MENTIONING_TYPES } from './gen/mentioning';
import { apiSchema, NEWEST_BIT } from './layers';
import type { Definition } from './schema';

/** What an id names. An id that may be of a chat or of a channel is told as both. */
export type PeerKind = 'user' | 'chat' | 'channel';
export type PeerSink = (kind: PeerKind, id: number) => void;

type Walk = (value: TlObject, sink: PeerSink, walkObject: (value: unknown, sink: PeerSink) => void) => void;

const walks = new Map<string, Walk | undefined>();

/**
 * Tells `sink` every user, chat and channel that an object of the newest layer mentions, as often as it does: peers, authors, forwards,
 * mentions in text, participants, bots. The objects in `users` and `chats` are not mentions.
 * Which fields name what: libs/tl/data/numbers.txt.
 */
export function collectPeers(value: unknown, sink: PeerSink): void {
  if (Array.isArray(value)) for (const item of value) walkObject(item, sink);
  else walkObject(value, sink);
}

function walkObject(value: unknown, sink: PeerSink): void {
  const object = value as TlObject | null | undefined;
  if (object == null) return;
  const name = object._;
  if (name === undefined) return;
  let walk = walks.get(name);
  if (walk === undefined) {
    if (walks.has(name)) return;
    const definition = apiSchema().named(name, false, NEWEST_BIT);
    walk = definition && compileWalk(definition);
    walks.set(name, walk);
    if (walk === undefined) return;
  }
  walk(object, sink, walkObject);
}

const calls: Record<string, (value: string) => string> = {
  'int53:user': (value) => `sink('user', ${value});`,
  'int53:chat': (value) => `sink('chat', ${value});`,
  'int53:channel': (value) => `sink('channel', ${value});`,
  'int53:group': (value) => `sink('chat', ${value}); sink('channel', ${value});`,
};

/** Code that visits the fields in which a peer can be; undefined when there is none. */
function compileWalk(definition: Definition): Walk | undefined {
  if (definition.result === 'User' || definition.result === 'Chat') return undefined;
  const lines: string[] = [];
  for (const { name, type, flagField } of definition.fields) {
    const element = /^Vector<(.+)>$/.exec(type)?.[1];
    const visited = element ?? type;
    const call = calls[visited] ?? (MENTIONING_TYPES.has(visited) ? (value: string) => `walkObject(${value}, sink);` : undefined);
    if (!call) continue;
    const statement = element === undefined ? call(`value.${name}`) : `for (const item of value.${name}) { ${call('item')} }`;
    lines.push(flagField === undefined ? statement : `if (value.${name} != null) { ${statement} }`);
  }
  return lines.length === 0 ? undefined : (new Function('value', 'sink', 'walkObject', lines.join('\n')) as Walk);
}
