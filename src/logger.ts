// The log: one JSON object a line (pino). main.ts makes it; whoever logs gets it handed down.
import { destination, type Logger, pino } from 'pino';

export interface LoggerOptions {
  /** pino's levels; `silent` writes nothing at all. */
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** A path, or a file descriptor: 1 for standard output, 2 for standard error, which keeps output for programs clean. */
  readonly to?: string | number;
}

/**
 * Makes the log. Lines leave asynchronously, several in one write, so that logging a request costs microseconds; they
 * are flushed when the process ends in an orderly way.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level, to = 2 } = options;
  return pino(
    {
      level,
      base: undefined,
      // Whatever an object brings along, these never reach the log.
      redact: {
        paths: ['authorization', 'password', 'passwordHash', '*.authorization', '*.password', '*.passwordHash'],
        censor: '…',
      },
    },
    destination({ dest: to, sync: false, mkdir: true }),
  );
}
