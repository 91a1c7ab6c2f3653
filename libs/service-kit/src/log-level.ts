import { LOG_LEVELS, type LogLevel } from './process-log';
import { StartFailure } from './start-failure';

/** The level in HELIOGRAPH_LOG_LEVEL; throws a StartFailure for an unknown one. */
export function logLevelOf(env: NodeJS.ProcessEnv, fallback: LogLevel): LogLevel {
  const text = env['HELIOGRAPH_LOG_LEVEL'] ?? '';
  if (text === '') return fallback;
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase());
  if (level === undefined) throw new StartFailure(`HELIOGRAPH_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}; it is "${text}".`);
  return level;
}
