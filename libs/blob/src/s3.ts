import { randomBytes, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand,
  ListObjectsV2Command, ListPartsCommand, PutObjectCommand, S3Client, UploadPartCommand, type GetObjectCommandOutput, type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput, type ListPartsCommandInput, type ListPartsCommandOutput,
} from '@aws-sdk/client-s3';
import type { Blob } from './blob';
import { checkBody, checkPart, checkParts, checkRange, hashKey } from './checks';
import { BlobRefused, BlobUnavailable } from './errors';
import {
  ATTEMPT_TIMEOUT_MS, ATTEMPTS_COUNT_MAX, COMPLETE_PART_MS, CONNECT_TIMEOUT_MS, GET_BYTES_MAX, REPEAT_WITHIN_MS, REQUESTS_COUNT_MAX, RETRY_DELAY_MS, RETRY_DELAY_MS_MAX,
  SLOWEST_BYTES_PER_SECOND, SWEEP_INTERVAL_MS, SWEEP_UPLOADS_COUNT_MAX, UPLOAD_ID_CHARS_MAX, UPLOAD_IDLE_MS, WHOLE_GET_BYTES_ASSUMED,
} from './limits';
import { AttemptBudget, RequestGate } from './request-gate';
import { isBroken, isWorthAnother, readFailure, toPortError, wrongSetting, type S3Place } from './s3-errors';

export interface S3BlobOptions {
  /** `http(s)://host[:port]`; absent: AWS itself. */
  endpoint?: string;
  bucket: string;
  region: string;
  /** Absent (both): what the environment of the process gives, such as the role of a pod. */
  accessKey?: string;
  secretKey?: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. Default: true, but for AWS. */
  pathStyle?: boolean;
  log?: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Unix milliseconds; default: this process's clock. */
  now?: () => number;
  /** 0 ≤ x < 1, spreads attempts and sweeps. Default: Math.random. */
  random?: () => number;
}

/** What a request may take. */
interface Effort {
  /** Of its body, sent or expected. */
  bytes?: number;
  /** Beyond what the bytes take. */
  extraMs?: number;
}

const PREFIX = 'objects/';
/** Metadata of an object that came in parts: which upload made it. */
const UPLOAD_MARK = 'heliograph-upload';
const UPLOAD_MARK_BYTES = 12;
const LIST_PAGE = 1000;

/**
 * The blob port on S3 or what speaks like it: `objects/<first byte of the hash>/<SHA-256 of the key>`, so that any key is only a name, on servers
 * over a file system too. Bodies are guarded on their way by the signed SHA-256 of the content, which every server checks; no other checksum is
 * asked for, because servers differ in those of parts. Uploads that nobody goes on with are swept here, not by rules of the bucket.
 *
 * Throws BlobRefused, saying what to change, when a setting is wrong (bucket, keys, rights, region, clock); BlobUnavailable when the server
 * cannot be reached (yet). Writes, reads and deletes one object of its own to see that.
 */
export async function openS3(options: S3BlobOptions): Promise<Blob> {
  const { bucket, region, now = Date.now, random = Math.random, log } = options;
  checkOptions(options);
  const place: S3Place = { endpoint: options.endpoint ?? 'AWS', bucket, region };
  // The pinned client is tested with the Node versions that package.json names; what it says of later versions of itself is no operator's matter.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const client = new S3Client({
    endpoint: options.endpoint,
    region,
    credentials: options.accessKey === undefined ? undefined : { accessKeyId: options.accessKey, secretAccessKey: options.secretKey as string },
    forcePathStyle: options.pathStyle ?? (options.endpoint !== undefined && !new URL(options.endpoint).hostname.endsWith('.amazonaws.com')),
    // Attempts are repeated here: the client's would not cover an answer's body.
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A server that does not know it would be waited for; one that answers early is met by `putPart`.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      httpAgent: { keepAlive: true, maxSockets: REQUESTS_COUNT_MAX },
      httpsAgent: { keepAlive: true, maxSockets: REQUESTS_COUNT_MAX },
    },
  });

  const gate = new RequestGate();
  const budget = new AttemptBudget();
  const closing = new AbortController();
  // As many listen as requests run: the gate bounds them.
  setMaxListeners(0, closing.signal);

  /** One attempt, ended when it takes too long or the store is closed. */
  const attempt = async <T>({ bytes = 0, extraMs = 0 }: Effort, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const ending = new AbortController();
    const end = (): void => ending.abort(new BlobUnavailable('the blob store is closed'));
    const milliseconds = Math.ceil(ATTEMPT_TIMEOUT_MS + (bytes / SLOWEST_BYTES_PER_SECOND) * 1000 + extraMs);
    const timer = setTimeout(() => ending.abort(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
    if (closing.signal.aborted) end();
    closing.signal.addEventListener('abort', end);
    try {
      return await work(ending.signal);
    } catch (error) {
      // The client's own error for it does not say why.
      throw ending.signal.aborted ? ending.signal.reason : error;
    } finally {
      clearTimeout(timer);
      closing.signal.removeEventListener('abort', end);
    }
  };
  /** A request with its repeated attempts; throws what the last attempt met, as the client says it. */
  const request = async <T>(effort: Effort, work: (signal: AbortSignal) => Promise<T>): Promise<T> => gate.run(effort.bytes ?? 0, async () => {
    const began = performance.now();
    for (let attempts = 1; ; attempts++) {
      try {
        const result = await attempt(effort, work);
        budget.succeeded();
        return result;
      } catch (error) {
        if (closing.signal.aborted || error instanceof BlobRefused || error instanceof BlobUnavailable) throw error;
        const failure = readFailure(error);
        if (!isWorthAnother(failure) || attempts === ATTEMPTS_COUNT_MAX || performance.now() - began > REPEAT_WITHIN_MS || !budget.take()) throw error;
      }
      const ceiling = Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS * 2 ** (attempts - 1));
      await pause(ceiling / 2 + random() * (ceiling / 2), closing.signal);
    }
  });
  /** Turns what a request met into the port's errors, but for the codes that mean something to the caller. */
  const asPort = async <T>(work: Promise<T>, known: Record<string, () => T> = {}): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof BlobRefused || error instanceof BlobUnavailable) throw error;
      const failure = readFailure(error);
      const meaning = known[failure.code];
      if (meaning !== undefined) return meaning();
      throw toPortError(failure, place);
    }
  };

  const at = (key: string): { Bucket: string; Key: string } => {
    const hash = hashKey(key);
    return { Bucket: bucket, Key: `${PREFIX}${hash.slice(0, 2)}/${hash}` };
  };
  /** The bytes of an answer, whole or not at all. */
  const collect = async ({ Body, ContentLength }: GetObjectCommandOutput, signal: AbortSignal): Promise<Buffer> => {
    const body = Body as Readable;
    const end = (): void => void body.destroy(signal.reason);
    signal.addEventListener('abort', end);
    try {
      if (ContentLength !== undefined && ContentLength > GET_BYTES_MAX) {
        body.destroy();
        throw new BlobRefused(`${ContentLength} bytes at once; at most ${GET_BYTES_MAX}: ask for a range`);
      }
      const pieces: Buffer[] = [];
      let length = 0;
      for await (const piece of body) {
        length += (piece as Buffer).length;
        if (length > GET_BYTES_MAX) throw new BlobRefused(`more than ${GET_BYTES_MAX} bytes at once: ask for a range`);
        pieces.push(piece as Buffer);
      }
      if (ContentLength !== undefined && length !== ContentLength) throw new Error(`an answer of ${ContentLength} bytes ended after ${length}`);
      return Buffer.concat(pieces, length);
    } finally {
      signal.removeEventListener('abort', end);
    }
  };
  const getRange = async (key: string, { from, length }: { from: number; length: number }, signal: AbortSignal): Promise<Buffer> => {
    // One byte more than may be read shows that there is more.
    const last = from + Math.min(length, GET_BYTES_MAX + 1) - 1;
    const answer = await client.send(new GetObjectCommand({ ...at(key), Range: `bytes=${from}-${last}` }), { abortSignal: signal });
    const range = /^bytes (\d+)-(\d+)\//.exec(answer.ContentRange ?? '');
    if (range === null || Number(range[1]) !== from || Number(range[2]) > last) {
      (answer.Body as Readable).destroy();
      throw new BlobUnavailable(`${place.endpoint} answers bytes ${answer.ContentRange ?? 'of the whole object'} when asked for ${from}-${last}: something before it drops the Range header`);
    }
    return collect(answer, signal);
  };
  const putObject = (key: string, body: Uint8Array): Promise<void> => request({ bytes: body.length }, async (signal) => {
    await client.send(new PutObjectCommand({ ...at(key), Body: body, ContentLength: body.length }), { abortSignal: signal });
  });
  const uploadStands = async (target: { Bucket: string; Key: string; UploadId: string }, signal: AbortSignal): Promise<boolean> => {
    try {
      await client.send(new ListPartsCommand({ ...target, MaxParts: 1 }), { abortSignal: signal });
      return true;
    } catch (error) {
      if (readFailure(error).code === 'NoSuchUpload') return false;
      throw error;
    }
  };

  await checkStore();
  const sweepSoon = (): void => void sweep().catch((error: unknown) => {
    if (!closing.signal.aborted) log?.warn({ reason: readFailure(error).code }, 'old uploads could not be swept');
  });
  const sweeps = setInterval(sweepSoon, SWEEP_INTERVAL_MS * (0.75 + random() / 2));
  sweeps.unref();
  sweepSoon();

  /** Sees whether the settings will do. */
  async function checkStore(): Promise<void> {
    const probe = `start/${randomUUID()}`;
    const content = randomBytes(32);
    try {
      await request({}, (signal) => client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: PREFIX, MaxKeys: 1 }), { abortSignal: signal }));
      await putObject(probe, content);
      const [whole, part] = [await request({}, async (signal) => collect(await client.send(new GetObjectCommand(at(probe)), { abortSignal: signal }), signal)), await request({}, (signal) => getRange(probe, { from: 8, length: 8 }, signal))];
      await request({}, (signal) => client.send(new DeleteObjectCommand(at(probe)), { abortSignal: signal }));
      if (Buffer.compare(whole, content) !== 0 || Buffer.compare(part, content.subarray(8, 16)) !== 0) throw new BlobRefused(`${place.endpoint} answers other bytes than were put: something between changes them`);
    } catch (error) {
      client.destroy();
      if (error instanceof BlobRefused || error instanceof BlobUnavailable) throw error;
      const failure = readFailure(error);
      const setting = wrongSetting(failure, place);
      if (setting !== undefined) throw new BlobRefused(setting);
      if (failure.status === undefined) throw new BlobUnavailable(`${place.endpoint} cannot be reached (${failure.code}: ${failure.message}): start it, or set HELIOGRAPH_S3_ENDPOINT to where it is`);
      throw toPortError(failure, place);
    }
  }

  /** Aborts uploads to which nothing was added for UPLOAD_IDLE_MS. Several replicas may do so at once. */
  async function sweep(): Promise<void> {
    const before = now() - UPLOAD_IDLE_MS;
    let swept = 0;
    let looked = 0;
    let after: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (after !== undefined && looked < SWEEP_UPLOADS_COUNT_MAX) {
      const page: ListMultipartUploadsCommandInput = { Bucket: bucket, Prefix: PREFIX, MaxUploads: LIST_PAGE, ...after };
      const listed: ListMultipartUploadsCommandOutput = await request({}, (signal) => client.send(new ListMultipartUploadsCommand(page), { abortSignal: signal }));
      for (const { Key, UploadId, Initiated } of listed.Uploads ?? []) {
        looked += 1;
        if (Key === undefined || UploadId === undefined || Initiated === undefined || Initiated.getTime() >= before) continue;
        const target = { Bucket: bucket, Key, UploadId };
        if (await lastAddition(target) >= before) continue;
        await request({}, (signal) => client.send(new AbortMultipartUploadCommand(target), { abortSignal: signal })).catch((error: unknown) => {
          if (readFailure(error).code !== 'NoSuchUpload') throw error;
        });
        swept += 1;
      }
      after = listed.IsTruncated === true ? { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker } : undefined;
    }
    if (swept > 0) log?.info({ swept }, 'uploads that nobody went on with were aborted');
  }

  /** Unix milliseconds when the newest part was put; 0 when there is none. */
  async function lastAddition(target: { Bucket: string; Key: string; UploadId: string }): Promise<number> {
    let newest = 0;
    let page: ListPartsCommandInput | undefined = { ...target, MaxParts: LIST_PAGE };
    while (page !== undefined) {
      const list: ListPartsCommand = new ListPartsCommand(page);
      const listed: ListPartsCommandOutput = await request({}, (signal) => client.send(list, { abortSignal: signal }));
      for (const { LastModified } of listed.Parts ?? []) newest = Math.max(newest, LastModified?.getTime() ?? 0);
      page = listed.IsTruncated === true ? { ...page, PartNumberMarker: listed.NextPartNumberMarker } : undefined;
    }
    return newest;
  }

  return {
    async put(key, body) {
      hashKey(key);
      checkBody(body);
      await asPort(putObject(key, body));
    },
    async get(key, range) {
      hashKey(key);
      if (range !== undefined) checkRange(range);
      const absent = { NoSuchKey: () => undefined, NotFound: () => undefined };
      if (range === undefined) return asPort(request({ bytes: WHOLE_GET_BYTES_ASSUMED }, async (signal) => collect(await client.send(new GetObjectCommand(at(key)), { abortSignal: signal }), signal)), absent);
      if (range.length === 0) return asPort(request({}, (signal) => client.send(new HeadObjectCommand(at(key)), { abortSignal: signal })).then(() => Buffer.alloc(0)), absent);
      // 416: it is there and ends before.
      return asPort(request({ bytes: Math.min(range.length, GET_BYTES_MAX) }, (signal) => getRange(key, range, signal)), { ...absent, InvalidRange: () => Buffer.alloc(0) });
    },
    async delete(key) {
      hashKey(key);
      await asPort(request({}, (signal) => client.send(new DeleteObjectCommand(at(key)), { abortSignal: signal })));
    },
    async startMultipart(key) {
      hashKey(key);
      const mark = randomBytes(UPLOAD_MARK_BYTES).toString('hex');
      const { UploadId } = await asPort(request({}, (signal) => client.send(new CreateMultipartUploadCommand({ ...at(key), Metadata: { [UPLOAD_MARK]: mark } }), { abortSignal: signal })));
      return `${mark}.${UploadId}`;
    },
    async putPart(key, upload, part, body) {
      checkBody(body);
      checkPart(part);
      const target = { ...at(key), UploadId: readUpload(upload).id };
      const tag = await asPort(request({ bytes: body.length }, async (signal) => {
        try {
          return (await client.send(new UploadPartCommand({ ...target, PartNumber: part, Body: body, ContentLength: body.length }), { abortSignal: signal })).ETag;
        } catch (error) {
          // A server may answer that there is no such upload and close before it read the body: then the answer is lost with the connection.
          if (isBroken(readFailure(error)) && !(await uploadStands(target, signal))) throw new BlobRefused('no such upload');
          throw error;
        }
      }));
      if (tag === undefined) throw new BlobUnavailable(`${place.endpoint} gave a part no tag`);
      return tag;
    },
    async completeMultipart(key, upload, parts) {
      checkParts(parts);
      const { mark, id } = readUpload(upload);
      const target = at(key);
      // Done before, by somebody whose answer was lost? The object knows which upload made it.
      const isDone = async (): Promise<boolean> => {
        const there = await asPort(request({}, (signal) => client.send(new HeadObjectCommand(target), { abortSignal: signal })), { NotFound: () => undefined, NoSuchKey: () => undefined });
        return there?.Metadata?.[UPLOAD_MARK] === mark;
      };
      // Asked first, because some servers answer that all is well when there is no such upload and the key has an object of another.
      if (await asPort(request({}, (signal) => uploadStands({ ...target, UploadId: id }, signal)))) {
        const complete = new CompleteMultipartUploadCommand({ ...target, UploadId: id, MultipartUpload: { Parts: parts.map(({ part, tag }) => ({ PartNumber: part, ETag: tag })) } });
        const outcome = await asPort(request({ extraMs: parts.length * COMPLETE_PART_MS }, async (signal) => {
          await client.send(complete, { abortSignal: signal });
          return 'completed';
        }), { NoSuchUpload: () => 'gone' });
        if (outcome === 'completed') return;
      }
      if (!(await isDone())) throw new BlobRefused('no such upload');
    },
    async abortMultipart(key, upload) {
      const target = { ...at(key), UploadId: readUpload(upload).id };
      await asPort(request({}, async (signal) => void await client.send(new AbortMultipartUploadCommand(target), { abortSignal: signal })), { NoSuchUpload: () => undefined });
    },
    async close() {
      clearInterval(sweeps);
      closing.abort();
      client.destroy();
    },
  };
}

/** @throws BlobRefused for what no server gave: some make paths of it */
function readUpload(upload: string): { mark: string; id: string } {
  const [, mark, id] = /^([0-9a-f]{24})\.([A-Za-z0-9._~=+-]+)$/.exec(upload) ?? [];
  if (mark === undefined || id === undefined || id.length > UPLOAD_ID_CHARS_MAX || /^\.+$/.test(id)) throw new BlobRefused('no such upload');
  return { mark, id };
}

function checkOptions({ endpoint, bucket, region, accessKey, secretKey }: S3BlobOptions): void {
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) throw new BlobRefused('HELIOGRAPH_S3_ENDPOINT must read http://host:port or https://host');
  if (bucket === '') throw new BlobRefused('set HELIOGRAPH_S3_BUCKET to the bucket for files');
  if (region === '') throw new BlobRefused('set HELIOGRAPH_S3_REGION to the region of the bucket (servers of one\'s own often take us-east-1)');
  if ((accessKey === undefined) !== (secretKey === undefined)) throw new BlobRefused('set both HELIOGRAPH_S3_ACCESS_KEY and HELIOGRAPH_S3_SECRET_KEY, or neither');
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
