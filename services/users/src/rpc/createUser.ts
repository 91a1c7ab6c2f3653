import type { CreateUserRequest, CreateUserResponseSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { HeliographUserProfile } from '@heliograph/tl/api';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { userIdFrom } from '../domain/user-id';
import { announceJoined } from '../joined';
import { USER_ID_TRIES_MAX } from '../limits';
import { findUsersByPhone, phoneMac, phones, sameMac } from '../tables/phones';
import { sealProfile, users } from '../tables/users';

/**
 * Makes an account: the number is bound in the directory, then the account's row is inserted under the bound id.
 *
 * A crash between the two leaves a number bound to an id without a row. Nobody sees it (FindByPhone asks for both), and the next sign-up
 * with the number inserts the row under the same id. Two sign-ups at once meet at the insert: one wins, the other answers "taken".
 *
 *     sign-up A                     sign-up B
 *     bind number → id 7
 *                                   bind: taken by 7; no row of 7 yet → goes on with 7
 *     insert row 7: applied         insert row 7: refused, the row has the number → taken
 */
export async function createUser(deps: Deps, request: Pick<CreateUserRequest, 'phone' | 'firstName' | 'lastName' | 'langCode' | 'noJoinedNotifications'>): Promise<MessageInitShape<typeof CreateUserResponseSchema>> {
  const { phone } = request;
  if (!/^\d{1,15}$/.test(phone) || request.firstName === '') throw new CallError('INVALID_ARGUMENT', 'an account needs a number in digits and a first name');
  const mac = phoneMac(deps, phone);
  const profile: HeliographUserProfile = {
    _: 'heliograph.userProfile', first_name: request.firstName, last_name: request.lastName, phone, lang_code: request.langCode || undefined,
  };
  for (let attempt = 0; attempt < USER_ID_TRIES_MAX; attempt += 1) {
    const userId = await bindPhone(deps, phone, mac);
    if (userId === undefined) return { userId: 0n };
    const inserted = await deps.storage.insertIfAbsent(users, {
      user_id: userId, profile: await sealProfile(deps, userId, profile), phone_mac: mac, created_at: Math.floor(deps.clock.now() / 1000),
      joined_due: true, joined_silent: request.noJoinedNotifications,
    });
    if (inserted.applied) {
      announceJoined(deps, { userId, phone, silent: request.noJoinedNotifications });
      return { userId: BigInt(userId) };
    }
    if (sameMac(inserted.current?.phone_mac, mac)) return { userId: 0n };
    // The id is somebody else's: the next turn binds the number to another one.
  }
  throw new CallError('ABORTED', 'no free user id was found');
}

/** The id that the number is bound to and that waits for its row; undefined when somebody has the number. */
async function bindPhone(deps: Deps, phone: string, mac: Uint8Array): Promise<number | undefined> {
  const fresh = await freeUserId(deps);
  const { applied, current } = await deps.storage.insertIfAbsent(phones, { phone_mac: mac, user_id: fresh });
  if (applied) return fresh;
  const [owner] = await findUsersByPhone(deps, [phone]);
  const bound = current?.user_id ?? undefined;
  if (owner !== undefined || bound === undefined) return undefined;
  if (deps.homes.of(bound) === deps.dc.id && (await deps.storage.get(users, { user_id: bound })) === undefined) return bound;
  return (await deps.storage.replaceIf(phones, { phone_mac: mac }, { user_id: bound }, { user_id: fresh })).applied ? fresh : undefined;
}

async function freeUserId(deps: Deps): Promise<number> {
  for (let attempt = 0; attempt < USER_ID_TRIES_MAX; attempt += 1) {
    const id = userIdFrom(deps.random(8), deps.dc.id);
    if ((await deps.storage.get(users, { user_id: id })) === undefined) return id;
  }
  throw new CallError('ABORTED', 'no free user id was found');
}
