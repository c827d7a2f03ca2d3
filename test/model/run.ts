// Runs seeds of the model test, and shrinks a run that fails.
import { type Action, actionsOf } from './actions.ts';
import type { ModelServer } from './model-server.ts';
import { perform } from './perform.ts';
import { checkSubjects } from './truth.ts';
import { World } from './world.ts';

/** A run that failed, and how. */
export interface Failure {
  readonly seed: number;
  readonly actions: readonly Action[];
  /** Index of the action at which it failed. */
  readonly failedAt: number;
  readonly error: unknown;
}

/** Runs on one server, each in a mailbox of its own. */
export class Runs {
  readonly #server: ModelServer;
  readonly #held: World[] = [];
  #next = 0;

  constructor(server: ModelServer) {
    this.#server = server;
  }

  /** Does the actions in a fresh mailbox; undefined when all is well. */
  async run(seed: number, actions: readonly Action[]): Promise<Failure | undefined> {
    const user = this.#server.users[this.#next++];
    if (user === undefined) throw new Error('no mailboxes left');
    const world = new World(this.#server, user);
    let at = 0;
    try {
      for (; at < actions.length; at++) await perform(world, actions[at]!);
      this.#held.push(world);
      return undefined;
    } catch (error) {
      return { seed, actions, failedAt: at, error };
    } finally {
      world.close();
    }
  }

  /** Does the actions of a seed. */
  runSeed(seed: number, length: number): Promise<Failure | undefined> {
    return this.run(seed, actionsOf(seed, length));
  }

  /** Ends the server and looks into its store: nothing lost, nothing twice in any mailbox whose run held. */
  async checkStore(): Promise<void> {
    const stored = await this.#server.endAndRead(this.#held.map(({ user }) => user));
    for (const world of this.#held) checkSubjects(world, stored.get(world.user) ?? []);
  }
}

const check: Action = { kind: 'check' };

/**
 * Leaves out whatever the failure does not need: large pieces first, single actions last. Stops when `budget` runs are used up. What remains
 * fails, though not always in the same way.
 */
export async function shrink(on: Runs, failure: Failure, budget: number): Promise<Failure> {
  let best = failure;
  let runs = 0;
  const attempt = async (actions: readonly Action[]): Promise<boolean> => {
    const found = runs++ < budget ? await on.run(failure.seed, actions) : undefined;
    if (found !== undefined) best = found;
    return found !== undefined;
  };
  await attempt([...failure.actions.slice(0, failure.failedAt + 1), check]);
  for (
    let size = Math.ceil(best.actions.length / 2);
    size >= 1 && runs < budget;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.actions.length && runs < budget; ) {
      const without = [...best.actions.slice(0, from), ...best.actions.slice(from + size)];
      if (without.length === 0 || !(await attempt(without))) from += size;
    }
  }
  return best;
}

/** What to print of a failure: the seed, the log of actions, the error. */
export function describeFailure({ seed, actions, failedAt, error }: Failure): string {
  const log = actions.map((action, index) => `${index === failedAt ? '>' : ' '} ${JSON.stringify(action)}`);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `seed ${seed}, ${actions.length} actions:\n${log.join('\n')}\n${text}`;
}
