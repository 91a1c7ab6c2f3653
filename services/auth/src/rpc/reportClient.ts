import type { ReportClientRequest } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Deps } from '../deps';
import { writeKeyClient } from '../tables/key-clients';

/** Keeps what a client told about itself and when it was active. */
export async function reportClient(deps: Deps, request: ReportClientRequest): Promise<object> {
  const { layer, activeAt, deviceModel, systemVersion, appVersion, langCode, ip, apiId } = request;
  await writeKeyClient(deps, request.authKeyId, { layer, activeAt, deviceModel, systemVersion, appVersion, langCode, ip, apiId });
  return {};
}
