// Fuzzes the decoder: `node --import tsx test/wbxml/fuzz.ts [SECONDS [SEED]]` (10 seconds, at most an hour).
// Ends with 1 at the first input that crashes it, takes over a second, or does not survive a second round.
import fc from 'fast-check';
import { decode, encode, WbxmlError } from '../../wbxml/index.ts';
import { damage, damaged, elementTree } from './arbitrary-tree.ts';

const seconds = Math.min(Number(process.argv[2] ?? 10), 3600);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('usage: fuzz.ts [SECONDS [SEED]]');
  process.exit(2);
}

const random = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
const headed = random.map((bytes) => Buffer.concat([Buffer.from('03016a00', 'hex'), bytes]));
const changed = fc
  .tuple(elementTree, fc.array(damage, { maxLength: 10 }))
  .map(([tree, changes]) => changes.reduce(damaged, encode(tree)));

const counts = { accepted: 0, refused: 0 };

function tryOne(bytes: Buffer): boolean {
  const began = performance.now();
  try {
    const again = encode(decode(bytes, { unknown: 'skip' }));
    if (!encode(decode(again)).equals(again)) return false;
    counts.accepted++;
  } catch (error) {
    if (!(error instanceof WbxmlError)) throw error;
    counts.refused++;
  }
  return performance.now() - began < 1000;
}

console.log(`fuzzing for ${seconds} s with seed ${seed}`);
const outcome = fc.check(fc.property(fc.oneof(random, headed, changed), tryOne), {
  seed,
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: seconds * 1000,
});
console.log(`${outcome.numRuns} inputs, ${counts.accepted} accepted, ${counts.refused} refused`);
if (outcome.counterexample !== null) {
  console.error(`failed: ${outcome.counterexample[0].toString('hex')}`);
  console.error(outcome.errorInstance ?? 'not the same after a second round, or too slow');
  process.exitCode = 1;
}
