import { createHash } from 'node:crypto';
import { writeObject } from '@heliograph/tl/writer';
import type { TypeMessageEntity } from '@heliograph/tl/api';
import type { Deps } from './deps';

/** Messages of the service account (777000) to a user. */
const SERVICE_USER_ID = 777_000n;

type NoticeDeps = Pick<Deps, 'messages'>;

async function notify(deps: NoticeDeps, userId: number, seed: string, text: { message: string; bold: string }, date: number): Promise<void> {
  const entities: TypeMessageEntity[] = [{ _: 'messageEntityBold', offset: text.message.indexOf(text.bold), length: text.bold.length }];
  await deps.messages.notify({
    userId: BigInt(userId), from: SERVICE_USER_ID, date, silent: false,
    // The same for the same event, so that a repeated call finds the first one's message.
    randomId: createHash('sha256').update(seed).digest().readBigInt64LE(0),
    content: writeObject({ _: 'heliograph.messageContent', message: text.message, entities }, 'newest'),
  }, { routeKey: userId });
}

/** A login code, to the user's other sessions. `seed` names the sending of this code. */
export async function noticeCode(deps: NoticeDeps, userId: number, code: string, seed: string, date: number): Promise<void> {
  const message = `Login code: ${code}. Do not give this code to anyone, even if they say they are from Heliograph!\n\n`
    + 'This code can be used to log in to your Heliograph account. We never ask it for anything else.\n\n'
    + 'If you did not request this code by trying to log in on another device, simply ignore this message.';
  await notify(deps, userId, `code:${seed}`, { message, bold: 'Login code:' }, date);
}

export interface NewLogin {
  keyId: bigint;
  firstName: string;
  device: string;
  ip: string;
  /** Unix seconds. */
  date: number;
}

/** Tells a user's sessions that another one logged in. */
export async function noticeNewLogin(deps: NoticeDeps, userId: number, { keyId, firstName, device, ip, date }: NewLogin): Promise<void> {
  const at = new Date(date * 1000).toISOString().replace('T', ' at ').replace('.000Z', ' UTC');
  const message = `New login. Dear ${firstName}, we detected a login into your account from a new device on ${at}.\n\n`
    + `Device: ${device || 'unknown'}\nAddress: ${ip || 'unknown'}\n\n`
    + 'If this was not you, you can end that session in Settings > Devices.';
  await notify(deps, userId, `login:${userId}:${keyId}:${date}`, { message, bold: 'New login.' }, date);
}
