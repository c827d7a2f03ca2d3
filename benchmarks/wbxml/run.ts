// Measures the WBXML codec against JSON of the same content in the same process:
//   node --import tsx benchmarks/wbxml/run.ts [ROUNDS]        (9 rounds unless given; about 90 seconds)
// CPU time of the whole process (garbage collection too), medians of interleaved rounds, geometric means.
import { decode, encode, encodeChunks } from '../../wbxml/index.ts';
import { type BenchmarkDocument, largeBodies, readCorpus } from './corpus.ts';

/** Ratios to reach, as `JSON time / our time`. */
const goals = { small: { decode: 3, encode: 3 }, large: { decode: 4, encode: 4 } } as const;
/** A document from this size on counts as large. */
const largeFromBytes = 4096;
/** Each measurement repeats its work for at least so much CPU time. */
const measurementMicroseconds = 20_000;

interface Work {
  readonly name: 'decode' | 'encode' | 'chunks' | 'parse' | 'stringify';
  readonly run: (document: BenchmarkDocument) => unknown;
}

const works: readonly Work[] = [
  { name: 'decode', run: ({ wbxml }) => decode(wbxml) },
  { name: 'parse', run: ({ jsonBytes }) => JSON.parse(jsonBytes.toString()) },
  { name: 'encode', run: ({ element }) => encode(element) },
  { name: 'chunks', run: ({ element }) => encodeChunks(element) },
  { name: 'stringify', run: ({ json }) => Buffer.from(JSON.stringify(json)) },
];

/** Results go here, so that no work can be optimised away. */
let sink: unknown;

/** CPU microseconds that one run takes. */
function measure({ run }: Work, document: BenchmarkDocument): number {
  for (let repeats = 1; ; ) {
    const before = process.cpuUsage();
    for (let index = 0; index < repeats; index++) sink = run(document);
    const { user, system } = process.cpuUsage(before);
    const spent = user + system;
    if (spent >= measurementMicroseconds) return spent / repeats;
    repeats = Math.ceil(repeats * Math.min(10, (1.2 * measurementMicroseconds) / Math.max(spent, 1)));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Medians in CPU microseconds, by document and work. */
function measureAll(
  documents: readonly BenchmarkDocument[],
  rounds: number,
): Map<string, Record<Work['name'], number>> {
  const samples = new Map<string, number[]>();
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const document of documents) {
      for (const work of works) {
        const spent = measure(work, document);
        const key = `${document.name} ${work.name}`;
        if (round > 0) samples.set(key, [...(samples.get(key) ?? []), spent]);
      }
    }
    process.stderr.write(`\rround ${round} of ${rounds} `);
  }
  process.stderr.write('\r');
  return new Map(
    documents.map(({ name }) => {
      const medians = works.map((work) => [work.name, median(samples.get(`${name} ${work.name}`) ?? [])]);
      return [name, Object.fromEntries(medians) as Record<Work['name'], number>];
    }),
  );
}

const rounds = Number(process.argv[2] ?? 9);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('usage: run.ts [ROUNDS], a whole number from 1');
const { source, documents } = readCorpus();
const results = measureAll([...documents, ...largeBodies()], rounds);

console.log(
  `node ${process.version}, ${rounds} rounds, ${source}; CPU µs a run, and how many times less than JSON takes`,
);
console.log('document                bytes   decode µs  ratio   encode µs  ratio   chunks µs  ratio');
for (const { name, wbxml } of [...documents, ...largeBodies()]) {
  const { decode, parse, encode, chunks, stringify } = results.get(name)!;
  const columns = [
    [decode, parse / decode],
    [encode, stringify / encode],
    [chunks, stringify / chunks],
  ];
  const cells = columns.map(([time, ratio]) => `${time!.toFixed(2).padStart(11)} ${ratio!.toFixed(1).padStart(6)}`);
  console.log(`${name.padEnd(20)} ${String(wbxml.length).padStart(8)} ${cells.join(' ')}`);
}

// The large bodies are shown but not averaged: as opaque data they are thousands of times faster and would say nothing.
for (const size of ['small', 'large'] as const) {
  const times = documents
    .filter(({ wbxml }) => wbxml.length >= largeFromBytes === (size === 'large'))
    .map(({ name }) => results.get(name)!);
  const decoding = geometricMean(times.map(({ decode, parse }) => parse / decode));
  const encoding = geometricMean(times.map(({ encode, stringify }) => stringify / encode));
  const chunked = geometricMean(times.map(({ chunks, stringify }) => stringify / chunks));
  const goal = goals[size];
  console.log(
    `${size} documents: decode ${decoding.toFixed(2)} (goal ${goal.decode}), ` +
      `encode ${encoding.toFixed(2)} (goal ${goal.encode}), in chunks ${chunked.toFixed(2)}`,
  );
}
void sink;
