import type { Method } from '@heliograph/client-api/method';
import { DH_GENERATOR, DH_PRIME } from '@heliograph/mtproto/handshake/diffie-hellman';
import type { Deps } from '../../deps';

const SALT_BYTES = 16;
const SECURE_RANDOM_BYTES = 256;

/** No account has a password; what a client would set one with (docs: core.telegram.org/method/account.getPassword, core.telegram.org/api/srp). */
export const getPassword: Method<Deps, 'account.getPassword'> = async (deps) => ({
  _: 'account.password',
  new_algo: {
    _: 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow',
    salt1: deps.random(SALT_BYTES / 2), salt2: deps.random(SALT_BYTES), g: DH_GENERATOR, p: new Uint8Array(DH_PRIME),
  },
  new_secure_algo: { _: 'securePasswordKdfAlgoPBKDF2HMACSHA512iter100000', salt: deps.random(SALT_BYTES / 2) },
  secure_random: deps.random(SECURE_RANDOM_BYTES),
});
