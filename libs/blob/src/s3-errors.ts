import { BlobRefused, BlobUnavailable } from './errors';

/** What an S3 server or the connection to it said. */
export interface S3Failure {
  /** The server's code (`NoSuchKey`), or the name of a failure of the connection. */
  code: string;
  /** Of the answer; undefined when there was none. */
  status?: number;
  message: string;
}

export function readFailure(error: unknown): S3Failure {
  const { name = 'unknown', message = String(error), code, $metadata, cause } = error as { name?: string; message?: string; code?: string; $metadata?: { httpStatusCode?: number }; cause?: unknown };
  const status = $metadata?.httpStatusCode;
  // An error of the socket keeps its system code in `code`; the client names it TimeoutError, whatever it was.
  const inner = (cause as { code?: string } | undefined)?.code;
  return { code: status === undefined ? code ?? inner ?? name : name, status, message };
}

/** Answers that another attempt may mend although they are none of 5xx: a body that was damaged or cut on its way, a clock that the client now allows for. */
const MENDABLE = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'XAmzContentSHA256Mismatch', 'BadDigest', 'IncompleteBody', 'SlowDown', 'TooManyRequests', 'Throttling', 'OperationAborted']);

/** Whether the same request may be sent again with hope. Without an answer it may: nothing that is sent here does harm when done twice. */
export function isWorthAnother({ code, status }: S3Failure): boolean {
  return status === undefined || status >= 500 || status === 429 || MENDABLE.has(code) || status === 200;
}

/** True when the server broke the connection: it may have answered before it read the body. */
// The message is looked at too: the client wraps errors that it does not take for such, and keeps of the code only what the message says.
export const isBroken = ({ code, status, message }: S3Failure): boolean => status === undefined && /ECONNRESET|EPIPE|ECONNABORTED|socket hang up/.test(`${code} ${message}`);

const REFUSALS: Record<string, string> = {
  NoSuchUpload: 'no such upload',
  InvalidPart: 'a part that was not put, or put again since',
  InvalidPartOrder: 'parts must rise',
  EntityTooSmall: 'a part that is too small, or not put',
  EntityTooLarge: 'more bytes than the server takes',
  InvalidArgument: 'an argument that the server does not take',
  InvalidRequest: 'a request that the server does not take',
};

export interface S3Place {
  /** URL, or `AWS`. */
  endpoint: string;
  bucket: string;
  region: string;
}

/** What to change, for an answer that shows a wrong setting; undefined for any other. */
export function wrongSetting({ code, status, message }: S3Failure, { endpoint, bucket, region }: S3Place): string | undefined {
  switch (code) {
    case 'NoSuchBucket': return `there is no bucket ${bucket} at ${endpoint}: make it, or set HELIOGRAPH_S3_BUCKET to one that is there`;
    case 'InvalidBucketName': return `${bucket} is no name for a bucket: set HELIOGRAPH_S3_BUCKET`;
    case 'SignatureDoesNotMatch': return `${endpoint} refuses the secret key: set HELIOGRAPH_S3_SECRET_KEY to the one that belongs to the access key`;
    case 'InvalidAccessKeyId':
    case 'XAdminUserNotFound':
    case 'CredentialsProviderError': return `${endpoint} does not know the access key: set HELIOGRAPH_S3_ACCESS_KEY and HELIOGRAPH_S3_SECRET_KEY`;
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'IllegalLocationConstraintException': return `region ${region} is not that of bucket ${bucket} at ${endpoint} (${message}): set HELIOGRAPH_S3_REGION`;
    case 'RequestTimeTooSkewed': return `this machine's clock and that of ${endpoint} are too far apart: set the clocks`;
    case 'AccessDenied':
    case 'AllAccessDisabled':
    case 'AccountProblem': return `${endpoint} denies the access key a right on bucket ${bucket}: allow it ${RIGHTS}`;
    default: return status === 403 ? `${endpoint} denies the access key a right on bucket ${bucket} (${code}): allow it ${RIGHTS}` : undefined;
  }
}

/** ListBucket, so that what is not there is told from what may not be seen. */
export const RIGHTS = 's3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload, s3:ListMultipartUploadParts and s3:ListBucketMultipartUploads';

/** The port's error for a failure. */
export function toPortError(failure: S3Failure, place: S3Place): Error {
  const refusal = REFUSALS[failure.code];
  if (refusal !== undefined) return new BlobRefused(refusal);
  const setting = wrongSetting(failure, place);
  if (setting !== undefined) return new BlobUnavailable(setting);
  if (failure.status === 507 || /StorageFull|QuotaExceeded/.test(failure.code)) return new BlobUnavailable(`${place.endpoint} is full (${failure.code}): give it more space`);
  return new BlobUnavailable(`${place.endpoint}: ${failure.code}${failure.status === undefined ? '' : ` (${failure.status})`}: ${failure.message}`);
}
