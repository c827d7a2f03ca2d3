// The log: one JSON object a line (pino). main.ts makes it; whoever logs gets it handed down.
import { destination, type Logger, pino } from 'pino';

export interface LoggerOptions {
  /** pino's levels; `silent` writes nothing at all. */
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** A path, or a file descriptor: 1 for standard output, 2 for standard error, which keeps output for programs clean. */
  readonly to?: string | number;
}

/** How much of the log waits for company at most, in octets and milliseconds: a write for each line would cost more than making it. */
const together = { minLength: 8192, periodicFlush: 250 };

/**
 * Makes the log. Lines leave asynchronously, many in one write, so that logging a request costs microseconds; what is left is
 * written when the process ends, unless it is killed.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level, to = 2 } = options;
  return pino({ level, base: undefined }, destination({ dest: to, sync: false, mkdir: true, ...together }));
}
