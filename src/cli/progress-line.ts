// One line on standard error that changes in place on a terminal; elsewhere a line every two seconds at most.

export interface ProgressLine {
  /** Shows `line` in place of the one before. */
  readonly show: (line: string) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

const terminalInterval = 100;
const plainInterval = 2000;

/** Times in milliseconds. */
export function progressLine(): ProgressLine {
  const { isTTY } = process.stderr;
  const interval = isTTY ? terminalInterval : plainInterval;
  let last = 0;
  let shown = false;
  return {
    show(line) {
      const now = Date.now();
      if (now - last < interval) return;
      last = now;
      shown = true;
      const width = process.stderr.columns ?? 80;
      process.stderr.write(isTTY ? `\r\x1b[K${line.slice(0, width - 1)}` : `${line}\n`);
    },
    end() {
      if (shown && isTTY) process.stderr.write('\r\x1b[K');
    },
  };
}
