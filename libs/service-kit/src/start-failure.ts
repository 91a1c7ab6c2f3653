/** A start that cannot go on for a reason the operator can change. Its message is a sentence that says what to do; shown without a stack. */
export class StartFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartFailure';
  }
}

interface SystemError extends Error {
  code?: string;
  port?: number;
  address?: string;
}

/**
 * The sentence for a failed listen; undefined when it is another kind of error.
 * @param flag the option that changes the port: `--port`
 */
export function listenFailure(error: unknown, flagOf: (port: number) => string): StartFailure | undefined {
  const { code, port = 0, address = '' } = error as SystemError;
  const flag = flagOf(port);
  if (code === 'EADDRINUSE') return new StartFailure(`Port ${port} is in use by another program. Stop that one, or choose another port with ${flag}.`, { cause: error });
  if (code === 'EACCES') return new StartFailure(`This user may not listen on port ${port}. Choose a port above 1023 with ${flag}.`, { cause: error });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new StartFailure(`${address === '' ? 'The host' : address} is not an address of this machine. Choose one with --host.`, { cause: error });
  return undefined;
}
