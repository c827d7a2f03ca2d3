// `npm run model -- --seeds N [--from SEED] [--actions N]`: the model test on as many seeds as wanted, until one fails.
import { parseArgs } from 'node:util';
import { ensureNativeBinding } from '../../src/store/native-binding.ts';
import { ModelServer } from './model-server.ts';
import { describeFailure, Runs, shrink } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '50' },
    from: { type: 'string', default: '1' },
    actions: { type: 'string', default: '80' },
    'keep-going': { type: 'boolean', default: false },
  },
});
const seeds = Number(values.seeds);
const first = Number(values.from);
const shrinkingRuns = 150;
/** A directory serves so many seeds before it is thrown away. */
const seedsPerServer = 50;

await ensureNativeBinding((line) => process.stderr.write(`${line}\n`));
let failures = 0;
for (let start = first; start < first + seeds && (failures === 0 || values['keep-going']); start += seedsPerServer) {
  const count = Math.min(seedsPerServer, first + seeds - start);
  const server = await ModelServer.create(count + shrinkingRuns);
  const runs = new Runs(server);
  try {
    for (let seed = start; seed < start + count; seed++) {
      const failure = await runs.runSeed(seed, Number(values.actions));
      process.stderr.write(`seed ${seed}: ${failure === undefined ? 'holds' : 'FAILS'}\n`);
      if (failure === undefined) continue;
      failures++;
      const shrunk = values['keep-going'] ? failure : await shrink(runs, failure, shrinkingRuns);
      process.stdout.write(`${describeFailure(shrunk)}\n`);
      if (!values['keep-going']) break;
    }
    await runs.checkStore();
  } finally {
    await server.close();
  }
}
process.exitCode = failures === 0 ? 0 : 1;
