import { create } from '@bufbuild/protobuf';
import { dialogKeys, type Sealed } from '@heliograph/box/dialog-key';
import { decode } from '@heliograph/protos/codec';
import { CallError } from '@heliograph/service-kit/call-error';
import { isUnreachable } from '@heliograph/service-kit/other-dcs';
import { CommandSchema, type ChannelAct, type Command, type GroupAct } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { AppendRelayedResponseSchema, type AppendRelayedRequest, type AppendRelayedResponse } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Deps } from '../deps';
import { RELAYED_COMMANDS_MAX } from '../limits';
import { internalFailure } from '../messages/internal-failure';

/** What does not reach somebody who blocks its author. */
const REFUSED_FROM_BLOCKED: ReadonlySet<Command['body']['case']> = new Set<Command['body']['case']>(['deliver', 'reactCopy', 'pollCopy']);

/**
 * Appends what another DC derived for boxes of this one; answers when it is durable. Repetition is harmless.
 *
 * Messages, reactions and votes to somebody who blocks their author end here: the block list is this DC's, and the author's DC may have accepted the message
 * while this one was out of reach. A repeated call may decide otherwise than the first one did: what was appended stays (a repetition is
 * dropped by its origin), what was not may then be.
 *
 * The keys of what arrives are fetched before it is acknowledged: from then on nobody here needs the other DC to read it. What only goes on from here,
 * because its box lives elsewhere (ADR 0011), is neither judged nor read.
 *
 * Throws INVALID_ARGUMENT, UNAVAILABLE (a key, the block lists), DEADLINE_EXCEEDED (unknown: repeat).
 */
export async function appendRelayed(deps: Pick<Deps, 'dc' | 'engine' | 'keyring' | 'users' | 'log'>, request: AppendRelayedRequest): Promise<AppendRelayedResponse> {
  if (request.commands.length > RELAYED_COMMANDS_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${RELAYED_COMMANDS_MAX} relayed commands`);
  const entries = request.commands.map((bytes) => {
    const command = decode(CommandSchema, bytes);
    return { bytes, command, parts: sealedParts(command) };
  });
  // Groups live where their ids say, and whoever blocks a member reads on what he writes there.
  const toUsers = entries.filter(({ command, parts }) => command.box > 0n && (parts.length > 0 || command.body.case === 'pollCopy'));
  const { blocked, ownerDcs } = toUsers.length === 0 ? { blocked: [], ownerDcs: [] } : await deps.users.findBlocks({ pairs: toUsers.map(({ command }) => ({ owner: command.box, userId: authorOf(command) })) });
  const elsewhere = new Set(toUsers.filter((_, index) => (ownerDcs[index] ?? deps.dc) !== deps.dc));
  const refused = new Set(toUsers.filter((entry, index) => REFUSED_FROM_BLOCKED.has(entry.command.body.case) && !elsewhere.has(entry) && blocked[index]));
  const wanted = entries.filter((entry) => !refused.has(entry));
  for (const entry of wanted) if (!elsewhere.has(entry)) await fetchKeys(deps, Number(entry.command.box), entry.parts);
  if (wanted.length > 0) {
    await deps.engine.appendRelayed(wanted.map(({ bytes }) => bytes)).catch((error: unknown) => {
      throw internalFailure(error);
    });
  }
  return create(AppendRelayedResponseSchema);
}

async function fetchKeys(deps: Pick<Deps, 'keyring' | 'log'>, box: number, parts: readonly Sealed[]): Promise<void> {
  try {
    await dialogKeys(deps.keyring, box, parts);
  } catch (error) {
    // A key that cannot be had now must be had first. One that is refused for good must not hold up what other people wrote.
    if (!(error instanceof CallError) || isUnreachable(error)) throw error;
    deps.log.error({ code: error.code }, 'relayed content is sealed under a key that this data center may not have');
  }
}

/** The box that a relayed command comes from is its author's. */
const authorOf = (command: Command): bigint => command.origin?.box ?? 0n;

/** What a command brings that is sealed, with the dialog that it belongs to: the one with its author, or the group. */
function sealedParts(command: Command): Sealed[] {
  const { body } = command;
  const peer = authorOf(command);
  switch (body.case) {
    case 'deliver': return [{ peer, content: body.value.content }, ...sealedBytes(peer, body.value.view?.titleSealed)];
    case 'discussPost':
    case 'editCopy': return [{ peer, content: body.value.content }];
    case 'reactCopy': return sealedBytes(peer, body.value.reaction?.sealed);
    case 'groupTold': return sealedBytes(peer, body.value.view?.titleSealed);
    case 'groupAct': return [{ peer, content: body.value.notice }, ...partsOfAct(peer, body.value.act)].filter(({ content }) => content !== undefined);
    case 'channelAct': return partsOfChannelAct(command.box, body.value);
    default: return [];
  }
}

/** Other boxes derive posts that were scheduled, and the supergroup that a group becomes. */
function partsOfChannelAct(channel: bigint, { notice, act }: ChannelAct): Sealed[] {
  const parts = notice === undefined ? [] : [{ peer: channel, content: notice }];
  switch (act.case) {
    case 'post': return [...parts, { peer: channel, content: act.value.content }];
    case 'create': return [...parts, ...sealedBytes(channel, act.value.titleSealed), ...sealedBytes(channel, act.value.aboutSealed)];
    default: return parts;
  }
}

function partsOfAct(peer: bigint, act: GroupAct['act']): Sealed[] {
  switch (act.case) {
    case 'post':
    case 'edit': return [{ peer, content: act.value.content }];
    case 'create':
    case 'setTitle': return sealedBytes(peer, act.value.titleSealed);
    case 'setAbout': return sealedBytes(peer, act.value.aboutSealed);
    case 'setInvite': return sealedBytes(peer, act.value.invite?.titleSealed);
    case 'react': return sealedBytes(peer, act.value.reaction?.sealed);
    case 'setReactions': return (act.value.reactions?.some ?? []).flatMap(({ sealed }) => sealedBytes(peer, sealed));
    default: return [];
  }
}

const sealedBytes = (peer: bigint, sealed: Uint8Array | undefined): Sealed[] => (sealed === undefined || sealed.length === 0 ? [] : [{ peer, content: { sealed } }]);
