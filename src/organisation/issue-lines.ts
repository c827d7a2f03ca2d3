// Faults that zod found, one line each, that name the file and the key with its path.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path)
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  return text;
}

function linesOf(issue: Issue, source: string): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${source}: unknown key ${pathText([...issue.path, key])}`);
  const place = pathText(issue.path);
  return [place === '' ? `${source}: ${issue.message}` : `${source}: ${place}: ${issue.message}`];
}

/** At most 20 lines; a last one says how many more there are. */
export function issueLines(error: z.ZodError, source: string): readonly string[] {
  const lines = error.issues.flatMap((issue) => linesOf(issue, source));
  const most = 20;
  return lines.length <= most ? lines : [...lines.slice(0, most), `${source}: and ${lines.length - most} more`];
}
