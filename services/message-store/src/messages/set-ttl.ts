import { sealContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import type { CallerContext } from '@heliograph/client-api/method';
import { RpcError } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../deps';
import type { Outcome } from '../engine/contract';
import { DEFAULT_TTL_UNSAID } from '../engine/effects/send';
import { BOX_ITSELF } from '../engine/ids';
import type { Admission } from './send';
import { submit, type CommandBody } from './submit';

/**
 * Sets the auto-delete period of a private chat by a message that says so.
 * @param automatic because the caller wants it of all chats that they begin
 */
export async function setTtl(deps: Pick<Deps, 'dc' | 'engine' | 'keyring'>, caller: CallerContext, { noDeliver }: Admission, peer: number, period: number, automatic = false): Promise<Outcome> {
  const seal = await dialogSeal(deps.keyring, deps.dc, caller.userId, peer);
  const content = sealContent(seal, caller.userId, peer, {
    _: 'heliograph.messageContent', message: '', action: { _: 'messageActionSetMessagesTTL', period, auto_setting_from: automatic ? caller.userId : undefined },
  });
  return submit(deps, caller, { case: 'send', value: { peer: BigInt(peer), content, noDeliver, setTtl: { period } } });
}

/** Submits messages to one peer in one go. In a chat that they begin, the period that the caller wants of such chats is set first. */
export async function submitSends(deps: Pick<Deps, 'dc' | 'engine' | 'keyring'>, caller: CallerContext, admission: Admission, peer: number, bodies: readonly CommandBody[]): Promise<Outcome[]> {
  const all = (): Promise<Outcome[]> => Promise.all(bodies.map((body) => submit(deps, caller, body)));
  try {
    return await all();
  } catch (error) {
    if (!isCalled(error, DEFAULT_TTL_UNSAID)) throw error;
  }
  const period = (await deps.engine.read(caller.userId)).dialog(BOX_ITSELF)?.defaultTtlPeriod ?? 0;
  try {
    // No session has it in an answer: all are told.
    await setTtl(deps, { ...caller, authKeyId: 0n, sessionId: 0n }, admission, peer, period, true);
  } catch (error) {
    // Another session was quicker, or took the wish back.
    if (!isCalled(error, 'CHAT_NOT_MODIFIED')) throw error;
  }
  return all();
}

const isCalled = (error: unknown, type: string): boolean => error instanceof RpcError && error.type === type;
