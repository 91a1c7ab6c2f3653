import type { RedeemExportRequest, RedeemExportResponseSchema } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { redeemExport as redeem } from '../login-exports';
import { findLogin } from '../tables/logins';

/** Gives another DC the login that it imports, once, and only while the login that it was exported from lasts. */
export async function redeemExport(deps: Deps, { token, dc }: Pick<RedeemExportRequest, 'token' | 'dc'>): Promise<MessageInitShape<typeof RedeemExportResponseSchema>> {
  const exported = await redeem(deps, token, dc);
  if (!exported) return { userId: 0n };
  // A login of its own is for the DC that the user lives in.
  let homeDc = exported.dc;
  if (exported.parentKeyId !== 0n) {
    const parent = await findLogin(deps.storage, exported.parentKeyId);
    if (parent?.userId !== Number(exported.userId)) return { userId: 0n };
    homeDc = parent.homeDc;
  }
  return { userId: exported.userId, bot: exported.bot, parentKeyId: exported.parentKeyId, homeDc };
}
