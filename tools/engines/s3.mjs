// One S3 server (versitygw) over a folder: built from pinned sources, its command line, and when it is ready.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ASK_MS } from './ask.mjs';
import { cached, run } from './cache.mjs';

export const VERSITYGW_VERSION = '1.8.0';
export const S3_REGION = 'us-east-1';
const here = dirname(fileURLToPath(import.meta.url));

/** Builds versitygw by Go; `versitygw/go.sum` holds the checksum of every module. @returns {Promise<string>} the program */
export async function fetchVersitygw({ cache, log }) {
  const name = `engines/versitygw-${VERSITYGW_VERSION}`;
  const folder = await cached({
    cache, name, log,
    isGood: (built) => existsSync(join(built, 'versitygw')),
    async make(into) {
      for (const file of ['go.mod', 'go.sum']) copyFileSync(join(here, 'versitygw', file), join(into, file));
      log(`${name}: Go builds it (about a minute) …`);
      // Beside the result, so that a build that was interrupted goes on from there.
      const work = join(into, 'build');
      let modules = 0;
      let shown = performance.now();
      await run('go', ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-modcacherw', '-p=2', '-o', join(into, 'versitygw'), 'github.com/versity/versitygw/cmd/versitygw'], {
        cwd: into,
        env: { GOMODCACHE: join(work, 'modules'), GOCACHE: join(work, 'objects'), GOFLAGS: '', GOTOOLCHAIN: 'local', GO111MODULE: 'on', CGO_ENABLED: '0' },
        absent: 'the S3 server for tests is built by Go: install it (on Debian: golang-go), 1.25 or newer.',
        onLine(line) {
          if (line.startsWith('go: downloading')) modules += 1;
          if (performance.now() - shown < 2000) return;
          shown = performance.now();
          log(`${name}: ${modules} modules …`);
        },
      });
      rmSync(work, { recursive: true, force: true });
    },
  });
  return join(folder, 'versitygw');
}

/**
 * @param {object} options
 * @param {string} options.folder its own: objects and keys
 * @param {number} options.dc
 * @param {string} options.host
 * @param {{ s3: number }} options.ports
 * @param {string} options.bucket made when the server is ready
 * @param {string} options.program
 */
export function s3({ folder, dc, host, ports, bucket, program }) {
  const port = ports.s3;
  const objects = join(folder, 'objects');
  const keys = s3Keys(folder);
  return {
    name: `s3-dc${dc}`, kind: 's3', dc, host, port, bucket, keys,
    listens: [[host, port]],
    command: program,
    args: ['--port', `${host}:${port}`, '--health', '/health', '--keep-alive', '--quiet', 'posix', objects],
    env: { ROOT_ACCESS_KEY: keys.accessKey, ROOT_SECRET_KEY: keys.secretKey },
    async prepare() {
      mkdirSync(objects, { recursive: true });
    },
    ready: async () => {
      const made = await signedRequest({ host, port, ...keys, method: 'PUT', path: `/${bucket}` }).catch(() => undefined);
      return made === 200 || made === 409;
    },
  };
}

/** The root's keys of a server, made at its first start. */
function s3Keys(folder) {
  const path = join(folder, 'keys.json');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, JSON.stringify({ accessKey: `heliograph${randomBytes(5).toString('hex')}`, secretKey: randomBytes(30).toString('base64url') }), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}

const hash = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/**
 * A request without a body, signed with AWS signature version 4.
 * @returns {Promise<number>} the status of the answer
 */
export function signedRequest({ host, port, accessKey, secretKey, region = S3_REGION, method, path }) {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const headers = { host: `${host}:${port}`, 'x-amz-content-sha256': hash(''), 'x-amz-date': stamp };
  const signed = Object.keys(headers).sort().join(';');
  const canonical = [method, path, '', ...Object.keys(headers).sort().map((name) => `${name}:${headers[name]}`), '', signed, hash('')].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = [day, region, 's3', 'aws4_request'].reduce(hmac, `AWS4${secretKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', stamp, scope, hash(canonical)].join('\n')).toString('hex');
  return new Promise((done, failed) => {
    const sent = httpRequest({ host, port, method, path, headers: { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${signed}, Signature=${signature}` }, timeout: ASK_MS }, (answer) => {
      answer.resume();
      answer.on('end', () => done(answer.statusCode));
      answer.on('error', failed);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer'))).on('error', failed).end();
  });
}
