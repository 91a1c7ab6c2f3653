import { errors, types } from 'cassandra-driver';
import { StorageRefused, StorageTimeout, StorageUnavailable } from './errors';

/**
 * What a failed request means. `none`: certainly nothing happened, anything may be repeated. `unknown`: it may have happened, or may still;
 * only what gives the same result twice may be repeated. `refused`: repeating does not help, and nothing happened.
 */
export interface Failure {
  effect: 'none' | 'unknown' | 'refused';
  error: StorageUnavailable | StorageTimeout | StorageRefused;
}

const { responseErrorCodes: codes } = types;
/** Failures of single replicas; the driver has no names for them. Native protocol v4, section 9. */
const READ_FAILURE = 0x1300;
const FUNCTION_FAILURE = 0x1400;
const WRITE_FAILURE = 0x1500;
/** A conditional write whose fate its coordinator could not settle (protocol v5; v4 says writeTimeout with type CAS). */
const CAS_WRITE_UNKNOWN = 0x1700;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const unavailable = (effect: 'none' | 'unknown', message: string, cause: unknown): Failure => ({ effect, error: new StorageUnavailable(message, { cause }) });
const timeout = (message: string, cause: unknown): Failure => ({ effect: 'unknown', error: new StorageTimeout(message, { cause }) });
const refused = (message: string, cause: unknown): Failure => ({ effect: 'refused', error: new StorageRefused(message, { cause }) });

/** Classifies an error of the driver. Messages name no values. */
export function classify(error: unknown): Failure {
  if (error instanceof errors.OperationTimedOutError) return timeout(`Cassandra did not answer in time (${error.host ?? 'unknown host'})`, error);
  if (error instanceof errors.NoHostAvailableError) return noHost(error);
  if (error instanceof errors.BusyConnectionError) return unavailable('none', 'all connections to Cassandra are busy', error);
  if (error instanceof errors.AuthenticationError) return refused(`Cassandra does not accept the user name or password: ${error.message}`, error);
  if (error instanceof errors.ResponseError) return response(error);
  const { isSocketError, requestNotWritten } = error as { isSocketError?: boolean; requestNotWritten?: boolean };
  if (isSocketError === true) return unavailable(requestNotWritten === true ? 'none' : 'unknown', 'the connection to Cassandra was lost', error);
  return unavailable('unknown', `the Cassandra driver failed: ${messageOf(error)}`, error);
}

/** No request was written: with a retry policy that never retries, the driver says so only when no host took it. */
function noHost(error: errors.NoHostAvailableError): Failure {
  const inner = Object.entries((error.innerErrors ?? {}) as Record<string, unknown>);
  const refusal = inner.map(([, reason]) => reason).find((reason) => reason instanceof errors.AuthenticationError);
  if (refusal !== undefined) return classify(refusal);
  const hosts = inner.map(([host, reason]) => `${host}: ${messageOf(reason)}`).join('; ');
  return unavailable('none', `no Cassandra node can be reached${hosts === '' ? '' : ` (${hosts})`}; check that it runs and that contact points and data center name are right`, error);
}

function response(error: errors.ResponseError): Failure {
  switch (error.code) {
    case codes.unavailableException:
      return unavailable('none', `too few replicas are alive: ${error.message}`, error);
    case codes.isBootstrapping:
      return unavailable('none', 'the Cassandra node is still starting', error);
    case codes.overloaded:
      return unavailable('unknown', 'the Cassandra node is overloaded', error);
    case codes.serverError:
    case codes.truncateError:
    case READ_FAILURE:
    case FUNCTION_FAILURE:
    case WRITE_FAILURE:
      return unavailable('unknown', `Cassandra failed: ${error.message}`, error);
    case codes.readTimeout:
    case codes.writeTimeout:
    case CAS_WRITE_UNKNOWN:
      return timeout(`Cassandra's replicas did not answer in time: ${error.message}`, error);
    case codes.badCredentials:
    case codes.unauthorized:
      return refused(`the Cassandra user may not do this: ${error.message}; grant it SELECT and MODIFY on the keyspaces`, error);
    default:
      return refused(`Cassandra refuses: ${error.message}`, error);
  }
}
