// `easel apply FILE`: makes the organisation that a file describes.
import type { Command } from 'commander';
import { type AppliedStep, applyOrganisation } from '../organisation/apply-organisation.ts';
import { readOrganisation } from '../organisation/organisation-file.ts';
import { type DataOptions, type OutputOptions, withDataOptions, withOutputOptions, withStore } from './command-line.ts';
import { print, table } from './output.ts';
import { progressLine } from './progress-line.ts';

function messagesText({ messages }: AppliedStep): string {
  if (messages === undefined) return '';
  const { imported, present, unreadable } = messages;
  const trouble = unreadable.map(({ origin, reason }) => `\n    not readable: ${origin}: ${reason}`).join('');
  return `${imported} imported, ${present} there before, ${unreadable.length} unreadable${trouble}`;
}

async function apply(file: string, options: DataOptions & OutputOptions): Promise<void> {
  const source = await readOrganisation(file);
  await withStore(options, async (store) => {
    const progress = progressLine();
    const { steps } = await applyOrganisation(source, { store, onProgress: progress.show }).finally(progress.end);
    print(options.json, { file, steps }, () =>
      table(
        ['KIND', 'NAME', 'OUTCOME', ''],
        steps.map((step) => [step.kind, step.name, step.outcome, messagesText(step)]),
      ),
    );
  });
}

/** Adds the verb `apply` to the program. */
export function registerApply(program: Command): void {
  const verb = program
    .command('apply')
    .description('make the organisation that a YAML or JSON file describes; again changes nothing')
    .argument('<file>', 'the description; see docs/operations.md and data/organisation.sample.yaml');
  withOutputOptions(withDataOptions(verb)).action(apply);
}
