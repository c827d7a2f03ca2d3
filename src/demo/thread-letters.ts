// Demo mail: long conversations of the three colleagues.
import { html, type Letter, multipart, plain } from './assemble.ts';
import { type DemoUser, jonas, mina, sofia, team } from './people.ts';

interface Turn {
  readonly by: DemoUser;
  readonly says: string;
}

const FESTIVAL: readonly Turn[] = [
  {
    by: sofia,
    says: 'The festival at the Tejo has confirmed our stand: number 17, next to the river and far from the loudspeakers. Who comes along?',
  },
  { by: jonas, says: 'I do. Do we bring the big whale or is it still at the sailmaker?' },
  { by: mina, says: 'Still at the sailmaker. Élise promised it for the end of the month, with a new belly.' },
  { by: sofia, says: 'Then let us plan without the whale and be happy if it swims in.' },
  {
    by: jonas,
    says: 'I can have four deltas and two boxes ready. The red ones need new spars, the old ones were too heavy.',
  },
  { by: mina, says: 'Carbon or ash? Ash looks better on a stand. Carbon flies better when there is little wind.' },
  {
    by: jonas,
    says: 'Ash for the stand, carbon for the demonstration at four o’clock. Nobody looks at the spars when it is up there.',
  },
  {
    by: sofia,
    says: 'The forecast says 3 to 4 Beaufort from the west. Perfect, except that west is where the bridge is.',
  },
  { by: mina, says: 'How long are the lines this year? Last year we were asked to stay below sixty metres.' },
  { by: sofia, says: 'Sixty again. I have it in writing.' },
  { by: jonas, says: 'Fine. I have packed three reels of sixty and one of a hundred for the beach afterwards.' },
  { by: mina, says: 'I will bring the tails. All of them. Even the one that nobody has ever untangled.' },
  { by: sofia, says: 'There is a prize for the best children’s kite. May I offer a workshop voucher?' },
  { by: jonas, says: 'Yes, for two people, on a Saturday.' },
  { by: mina, says: 'Trains are booked: I arrive on Thursday at 19:40, Oriente.' },
  { by: jonas, says: 'Friday, 08:15, with the van, if the Pyrenees let me.' },
  {
    by: sofia,
    says: 'Keys for the flat are with Senhora Rosa on the ground floor. Bring her a small kite, she will like it.',
  },
  { by: mina, says: 'A sparrow kite is in my bag. See you at the river!' },
];

const COLOURS: readonly Turn[] = [
  { by: mina, says: 'Which red for the new delta? I hold two swatches against the sky and cannot decide.' },
  { by: sofia, says: 'The warm one. It is what the museum has ordered in its sketch.' },
  { by: jonas, says: 'The warm one bleeds in the rain, the cool one does not. I washed both twice.' },
  { by: mina, says: 'Could Élise fix the warm one with vinegar, as she did for the blue?' },
  { by: jonas, says: 'She could. I have asked her for half a metre to try.' },
  { by: mina, says: 'Warm red it is, then, with vinegar.' },
];

/** The plain conversation about the festival: 18 letters over two weeks, with growing quotations. */
function festivalThread(): Letter[] {
  let quoted = '';
  return FESTIVAL.map(({ by, says }, index) => {
    const previous = FESTIVAL[index - 1];
    if (previous !== undefined)
      quoted = `${previous.by.givenName} wrote:\n> ${previous.says}\n${quoted.replace(/^/gm, '>')}`;
    return {
      id: `festival-${index + 1}`,
      from: by,
      to: [team],
      subject: index === 0 ? 'Kite festival at the Tejo' : 'Re: Kite festival at the Tejo',
      daysAgo: 16 - index * 0.8,
      thread: FESTIVAL.slice(0, index).map((_turn, before) => `festival-${before + 1}`),
      entity: plain(`${says}\n\n${by.givenName}\n\n${quoted.slice(0, 4000)}`),
    };
  });
}

/** The conversation about colours, in plain text and HTML, with reply marks of three mail programs. */
function colourThread(): Letter[] {
  const marks = ['', 'Re: ', 'AW: ', 'Re: AW: ', 'Re: ', 'RES: '];
  return COLOURS.map(({ by, says }, index) => ({
    id: `colour-${index + 1}`,
    from: by,
    to: [team],
    subject: `${marks[index]}Which red?`,
    daysAgo: 9 - index,
    thread: COLOURS.slice(0, index).map((_turn, before) => `colour-${before + 1}`),
    entity: multipart('alternative', '=_colour', [
      plain(`${says}\n\n${by.givenName}`),
      html(
        `<p>${says}</p><p><span style="color:#c0392b">■</span> warm &nbsp; <span style="color:#b0204e">■</span> cool</p><p>${by.givenName}</p>`,
      ),
    ]),
  }));
}

/** All letters of the long conversations. */
export function threadLetters(): Letter[] {
  return [...festivalThread(), ...colourThread()];
}
