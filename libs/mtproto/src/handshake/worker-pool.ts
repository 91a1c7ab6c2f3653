import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HANDSHAKE_QUEUE_COUNT_MAX } from '../limits';
import { type BeginResult, decodeAnswers, encodeRequests, type FinishResult, type WorkerAnswer, type WorkerRequest, type WorkerSettings } from './worker-protocol';

/** No room in the queue. */
export class PoolBusyError extends Error {}
/** The computation failed, or its thread died. */
export class PoolFailedError extends Error {}

interface Thread {
  readonly worker: Worker;
  /** Asked in this turn of the event loop: they leave in one message. */
  asked: WorkerRequest[];
  readonly waiting: Map<number, { resolve: (answer: WorkerAnswer) => void; reject: (error: Error) => void }>;
}

/** MiB of heap that a thread may use; it holds a few hundred bytes per request. */
const THREAD_HEAP_MIB = 32;

/** Beside this file when built; tests run from the sources and use what was built. */
function workerFile(): string {
  const beside = join(__dirname, 'worker.js');
  return existsSync(beside) ? beside : join(__dirname, '../../dist/handshake/worker.js');
}

/** A few threads, started one by one when there is work, each with its own queue; the next request goes to the shortest. A thread that dies is replaced by the next request. */
export class WorkerPool {
  readonly #settings: WorkerSettings;
  readonly #threadsMax: number;
  #threads: Thread[] = [];
  #waiting = 0;
  #nextId = 0;
  #stopped = false;

  constructor(settings: WorkerSettings, threadsMax: number) {
    this.#settings = settings;
    this.#threadsMax = threadsMax;
  }

  /** Rejects with PoolBusyError or PoolFailedError, like `finish`. */
  async begin(keyIndex: number, block: Uint8Array): Promise<BeginResult> {
    const { begin } = await this.#ask({ id: this.#id(), kind: 'begin', keyIndex, block });
    if (!begin) throw new PoolFailedError('no result');
    return begin;
  }

  async finish(exponent: Uint8Array, clientValue: Uint8Array): Promise<FinishResult> {
    const { finish } = await this.#ask({ id: this.#id(), kind: 'finish', exponent, clientValue });
    if (!finish) throw new PoolFailedError('no result');
    return finish;
  }

  /** Starts the first thread, which takes most of a second: its first computation then doesn't wait for that. */
  warmUp(): void {
    if (!this.#stopped && this.#threads.length === 0) this.#start();
  }

  /** Ends the threads; what waits is rejected. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  /** Four bytes, so that it goes round long after the request that had it before was answered. */
  #id(): number {
    this.#nextId = (this.#nextId + 1) >>> 0;
    return this.#nextId;
  }

  #ask(request: WorkerRequest): Promise<WorkerAnswer> {
    if (this.#stopped) return Promise.reject(new PoolFailedError('stopped'));
    if (this.#waiting >= HANDSHAKE_QUEUE_COUNT_MAX) return Promise.reject(new PoolBusyError('queue is full'));
    const thread = this.#pick();
    this.#waiting += 1;
    return new Promise<WorkerAnswer>((resolve, reject) => {
      thread.waiting.set(request.id, { resolve, reject });
      if (thread.asked.push(request) === 1) setImmediate(() => this.#send(thread));
    });
  }

  #send(thread: Thread): void {
    const { asked } = thread;
    thread.asked = [];
    if (this.#stopped) return;
    const message = encodeRequests(asked);
    thread.worker.postMessage(message, [message.buffer as ArrayBuffer]);
  }

  #pick(): Thread {
    let best: Thread | undefined;
    for (const thread of this.#threads) if (!best || thread.waiting.size < best.waiting.size) best = thread;
    return best && (best.waiting.size === 0 || this.#threads.length >= this.#threadsMax) ? best : this.#start();
  }

  #start(): Thread {
    const worker = new Worker(workerFile(), { workerData: this.#settings, resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MIB, maxYoungGenerationSizeMb: 4 } });
    // A process that has nothing else to do may end.
    worker.unref();
    const thread: Thread = { worker, asked: [], waiting: new Map() };
    worker.on('message', (answers: Uint8Array) => {
      for (const answer of decodeAnswers(answers)) {
        const waiting = thread.waiting.get(answer.id);
        if (waiting === undefined) continue;
        thread.waiting.delete(answer.id);
        this.#waiting -= 1;
        waiting.resolve(answer);
      }
    });
    // 'exit' follows and rejects what waits.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.#threads = this.#threads.filter((other) => other !== thread);
      this.#waiting -= thread.waiting.size;
      for (const { reject } of thread.waiting.values()) reject(new PoolFailedError('the thread ended'));
      thread.waiting.clear();
    });
    this.#threads.push(thread);
    return thread;
  }
}
