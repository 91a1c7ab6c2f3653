import { create, fromBinary } from '@bufbuild/protobuf';
import { dialogKeys, type Sealed } from '@heliograph/box/dialog-key';
import { CallError } from '@heliograph/service-kit/call-error';
import { isUnreachable } from '@heliograph/service-kit/other-dcs';
import { CommandSchema, type Command } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { AppendRelayedResponseSchema, type AppendRelayedRequest, type AppendRelayedResponse } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Deps } from '../deps';
import { RELAYED_COMMANDS_MAX } from '../limits';
import { internalFailure } from '../messages/internal-failure';

/**
 * Appends what another DC derived for boxes of this one; answers when it is durable. Repetition is harmless.
 *
 * Messages to somebody who blocks their author end here: the block list is this DC's, and the author's DC may have accepted the message
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
  const commands = request.commands.map((bytes) => ({ bytes, command: fromBinary(CommandSchema, bytes) }));
  const contents = commands.filter(({ command }) => sealedContent(command) !== undefined);
  const { blocked, ownerDcs } = contents.length === 0 ? { blocked: [], ownerDcs: [] } : await deps.users.findBlocks({ pairs: contents.map(({ command }) => ({ owner: command.box, userId: authorOf(command) })) });
  const livesHere = (index: number): boolean => (ownerDcs[index] ?? deps.dc) === deps.dc;
  const refused = new Set(contents.filter(({ command }, index) => command.body.case === 'deliver' && livesHere(index) && blocked[index]));
  const wanted = commands.filter((entry) => !refused.has(entry));
  for (const [index, entry] of contents.entries()) {
    const sealed = sealedContent(entry.command);
    if (sealed && livesHere(index) && !refused.has(entry)) await fetchKeys(deps, Number(entry.command.box), sealed);
  }
  if (wanted.length > 0) {
    await deps.engine.appendRelayed(wanted.map(({ bytes }) => bytes)).catch((error: unknown) => {
      throw internalFailure(error);
    });
  }
  return create(AppendRelayedResponseSchema);
}

async function fetchKeys(deps: Pick<Deps, 'keyring' | 'log'>, box: number, sealed: Sealed): Promise<void> {
  try {
    await dialogKeys(deps.keyring, box, [sealed]);
  } catch (error) {
    // A key that cannot be had now must be had first. One that is refused for good must not hold up what other people wrote.
    if (!(error instanceof CallError) || isUnreachable(error)) throw error;
    deps.log.error({ code: error.code }, 'relayed content is sealed under a key that this data center may not have');
  }
}

/** The box that a relayed command comes from is its author's. */
const authorOf = (command: Command): bigint => command.origin?.box ?? 0n;

/** What a command brings into the dialog with its author. */
function sealedContent(command: Command): Sealed | undefined {
  const { body } = command;
  if (body.case !== 'deliver' && body.case !== 'editCopy') return undefined;
  return { peer: authorOf(command), content: body.value.content };
}
