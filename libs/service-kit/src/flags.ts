import { z } from 'zod';
import { settingKey } from './kit-settings';
import { StartFailure } from './start-failure';

/** One option of a command line. Its variable is HELIOGRAPH_<NAME IN CAPITALS>. */
export interface Flag<T> {
  /** `http-port` */
  name: string;
  /** What stands for the value in the usage; absent for a switch, which takes none. */
  value?: string;
  description: string;
  /** Parses the text of the flag or variable (`1` for a switch that is set, undefined when absent). Its messages complete "--name ". */
  schema: z.ZodType<T, string | undefined>;
}

type Flags = Record<string, Flag<unknown>>;
export type FlagValues<F extends Flags> = { [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

const SWITCH_ON = new Set(['1', 'true', 'yes', 'on']);
const SWITCH_OFF = new Set(['', '0', 'false', 'no', 'off']);

export function textFlag(fallback: string): Flag<string>['schema'] {
  return z.string().min(1, 'needs a value').default(fallback);
}

export function numberFlag(fallback: number, min: number, max: number): Flag<number>['schema'] {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{1,15}$/, message).default(String(fallback)).transform(Number).refine((value) => value >= min && value <= max, message);
}

export function switchFlag(): Flag<boolean>['schema'] {
  return z.string().default('').transform((text) => text.toLowerCase())
    .refine((text) => SWITCH_ON.has(text) || SWITCH_OFF.has(text), 'is a switch: 1 or 0')
    .transform((text) => SWITCH_ON.has(text));
}

/**
 * Reads a command line; a flag wins over its variable. Throws a StartFailure with a sentence for an unknown flag, a missing value or a wrong one.
 * @param args without program names
 */
export function parseFlags<F extends Flags>(flags: F, args: readonly string[], env: NodeJS.ProcessEnv): FlagValues<F> {
  const given = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] as string;
    const match = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(arg);
    const flag = match === null ? undefined : Object.values(flags).find(({ name }) => name === match[1]);
    if (flag === undefined) throw new StartFailure(`There is no option "${arg}". ${knownFlags(flags)}`);
    if (given.has(flag.name)) throw new StartFailure(`--${flag.name} is given twice.`);
    let value = match?.[2];
    if (flag.value === undefined) value ??= '1';
    else if (value === undefined) {
      index += 1;
      value = args[index];
      if (value === undefined || value.startsWith('--')) throw new StartFailure(`--${flag.name} needs a value: --${flag.name} ${flag.value}.`);
    }
    given.set(flag.name, value);
  }
  const values: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(flags)) {
    const variable = `HELIOGRAPH_${settingKey(flag.name)}`;
    const fromFlag = given.get(flag.name);
    const text = fromFlag ?? (env[variable] === '' ? undefined : env[variable]);
    const result = flag.schema.safeParse(text);
    if (!result.success) {
      const what = fromFlag === undefined ? variable : `--${flag.name}`;
      throw new StartFailure(`${what} ${result.error.issues[0]?.message ?? 'is wrong'}; it is "${text}".`);
    }
    values[key] = result.data;
  }
  return values as FlagValues<F>;
}

function knownFlags(flags: Flags): string {
  return `The options are ${Object.values(flags).map(({ name, value }) => `--${name}${value === undefined ? '' : ` ${value}`}`).join(', ')}.`;
}

/** The text of `--help`. */
export function usage(command: string, flags: Flags): string {
  const rows = Object.values(flags).map(({ name, value, description }) => [`  --${name}${value === undefined ? '' : ` ${value}`}`, description] as const);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [`${command} [options]`, '', ...rows.map(([left, description]) => left.padEnd(width) + description), '', 'Each option has a variable: --http-port is HELIOGRAPH_HTTP_PORT.'].join('\n');
}
