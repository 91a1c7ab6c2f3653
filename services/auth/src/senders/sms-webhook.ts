import { createHmac } from 'node:crypto';
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '@heliograph/service-kit/kit';
import type { SmsWebhookConfig } from '../config';
import { isPublicAddress } from '../domain/public-address';
import { WEBHOOK_PAUSE_MS, WEBHOOK_TIMEOUT_MS, WEBHOOK_TRIES } from '../limits';
import type { CodeSender } from './code-sender';

/** Answers 2xx only; redirects are not followed. */
class WebhookRefused extends Error {
  constructor(readonly status: number) {
    super(`the SMS webhook answered ${status}`);
    this.name = 'WebhookRefused';
  }
}

/** Why an address may not be called. */
class AddressRefused extends Error {
  constructor() {
    super('the SMS webhook resolves to a private address; set HELIOGRAPH_CODE_SMS_ALLOW_PRIVATE=1 if that is meant');
    this.name = 'AddressRefused';
  }
}

/**
 * Posts `{"phone", "code", "text"}` as JSON to an SMS gateway: WEBHOOK_TRIES tries of WEBHOOK_TIMEOUT_MS each, signed with the secret
 * (`x-heliograph-signature: sha256=<hex HMAC of the body>`). Private addresses are refused when the name is resolved, so that no DNS
 * answer leads into the own network. A 4xx is final.
 */
export function createSmsWebhook(config: SmsWebhookConfig, clock: Pick<Clock, 'sleep'>): CodeSender {
  return async ({ phone, code }) => {
    const body = JSON.stringify({ phone, code, text: `Heliograph code: ${code}` });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await post(config, body);
        return;
      } catch (error) {
        const final = error instanceof AddressRefused || (error instanceof WebhookRefused && error.status < 500 && error.status !== 429);
        if (final || attempt === WEBHOOK_TRIES) throw error;
        await clock.sleep(WEBHOOK_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  };
}

function post(config: SmsWebhookConfig, body: string): Promise<void> {
  const { url, secret, allowPrivate } = config;
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // An address in the URL itself is never looked up.
    if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) {
      reject(new AddressRefused());
      return;
    }
    const call = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
      lookup: allowPrivate ? undefined : publicLookup,
      headers: {
        'content-type': 'application/json', 'content-length': Buffer.byteLength(body),
        ...(secret === undefined ? {} : { 'x-heliograph-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }),
      },
    }, (answer) => {
      answer.resume();
      const status = answer.statusCode ?? 0;
      answer.on('end', () => (status >= 200 && status < 300 ? resolve() : reject(new WebhookRefused(status))));
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** dns.lookup that fails unless every address is public. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '', 0);
    const first = addresses[0];
    if (!first || !addresses.every(({ address }) => isPublicAddress(address))) return callback(new AddressRefused(), '', 0);
    if (options.all) return (callback as unknown as (error: null, all: LookupAddress[]) => void)(null, addresses);
    return callback(null, first.address, first.family);
  });
};
