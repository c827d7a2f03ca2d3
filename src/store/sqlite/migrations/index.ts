// The migrations in order: the first makes version 1. A migration that has been released is never edited.
import { initial } from './001-initial.ts';

/** SQL of each migration; its place in the list is the version that it leads to, counted from 1. */
export const migrations: readonly string[] = [initial];
