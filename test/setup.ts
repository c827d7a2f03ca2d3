// Runs once before all tests: the native part of better-sqlite3 may have been held back by npm.
import { ensureNativeBinding } from '../src/store/native-binding.ts';

export async function mochaGlobalSetup(): Promise<void> {
  await ensureNativeBinding((line) => process.stderr.write(`${line}\n`));
}
