// Runs once before and after all tests: builds what npm may have held back, and sees to it that the run ends.
import { ensureNativeBinding } from '../src/store/native-binding.ts';

/** Milliseconds after the last test in which everything must have been closed. */
const patience = 15_000;

export async function mochaGlobalSetup(): Promise<void> {
  await ensureNativeBinding((line) => process.stderr.write(`${line}\n`));
}

/** A test that leaves something open must not hang the run for ever, nor may it pass unseen. */
export function mochaGlobalTeardown(): void {
  setTimeout(() => {
    process.stderr.write(`A test has left something open: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.exit(1);
  }, patience).unref();
}
