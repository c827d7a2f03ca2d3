// Demo mail: ordinary letters, in several languages and forms.
import { html, type Letter, multipart, plain } from './assemble.ts';
import { jonas, mina, museum, press, sofia, tailor, team, weather, workshop } from './people.ts';

const LONG_SUBJECT =
  'Minutes of the meeting about the meeting room, its chairs, the whiteboard that nobody cleans, the coffee machine, the second coffee machine, ' +
  'and the question whether a kite may hang from the ceiling above the place where the landlord sits when he visits us, which is on the first Monday of each quarter';

// RFC 3676: every line that ends in a blank goes on in the next one.
const FLOWED = `Lieber Jonas, \n
die Tuchballen sind heute Morgen aus Lyon abgegangen, zwei in Rot, einer in \nNachtblau. Der Fahrer meldet sich eine Stunde vorher bei Dir in der \nWerkstatt.

> Wann kommt denn nun der Stoff? Wir haben am Freitag noch genau drei \n> Quadratmeter.

Also am Donnerstag. Halte bitte den Lift frei!

-- \nElise Fournier
Toile et Vent, Lyon`;

const BULLETINS: readonly string[] = [
  'Lisboa: NW 4, gusts 6, showers in the evening.\nBern: calm, fog below 900 m.\nSeoul: W 3, clear.',
  'Lisboa: N 5, sunny.\nBern: SW 3, mild.\nSeoul: NW 6, cold, keep small kites at home.',
  'Lisboa: calm until noon, then W 3.\nBern: Bise 5, dry.\nSeoul: S 2, haze.',
  'Lisboa: W 4, fine for large kites.\nBern: W 2, rain from 15:00.\nSeoul: N 4, clear.',
];

function bulletins(): Letter[] {
  return BULLETINS.map((text, index) => ({
    id: `wind-${index + 1}`,
    from: weather,
    to: [sofia],
    subject: `Wind bulletin, week ${44 + index}`,
    daysAgo: 23 - index * 7,
    headers: [
      'List-Id: Wind bulletin <wind.wind-service.example>',
      'Precedence: bulk',
      'Auto-Submitted: auto-generated',
    ],
    entity: plain(`${text}\n\nAll figures in Beaufort. To leave this list, stop wondering about the wind.`),
  }));
}

const newsletter = html(`
<style>td { padding: 4px } .lead { font-size: 120% }</style>
<h1>The Kite Letter</h1>
<p class="lead">This month: a kite of <em>1 200 leaves</em>, the quiet return of the <strong>box</strong>, and why tails are longer in autumn.</p>
<table border="1"><tr><th>Festival</th><th>Country</th><th>Days</th></tr>
<tr><td>Tejo</td><td>Portugal</td><td>3</td></tr><tr><td>Weifang</td><td>China</td><td>5</td></tr><tr><td>Hangang</td><td>Korea</td><td>2</td></tr></table>
<ul><li>Readers&rsquo; patterns: <a href="https://kite-letter.example/patterns">see all 14</a></li><li>Letters &amp; corrections</li></ul>
<script>alert('a mail program must not run this')</script>
<p>5 &lt; 6, and a line is never too long.</p>`);

const personal: readonly Letter[] = [
  {
    id: 'spars',
    from: jonas,
    to: [mina],
    subject: 'Spars for the sparrow',
    daysAgo: 5.2,
    entity: plain('Hi Mina,\n\nthe sparrow wants 4 mm spars, not 3. I broke two this morning to be sure.\n\nJonas'),
  },
  {
    id: 'voucher',
    from: mina,
    to: [jonas],
    cc: [sofia],
    subject: 'Voucher text',
    daysAgo: 4.4,
    entity: plain(
      'Two people, one Saturday, one kite each, soup included. Is there anything else that we should promise?\n\nMina',
    ),
  },
  {
    id: 'flat',
    from: sofia,
    to: [mina, jonas],
    subject: 'Senhora Rosa pergunta',
    daysAgo: 3.1,
    entity: plain(
      'A Senhora Rosa pergunta se o papagaio de papel também voa na varanda. Eu disse que sim, com jeitinho.\n\nBeijinhos,\nSofia 🪁',
    ),
    flagged: true,
  },
  {
    id: 'museum-question',
    from: museum,
    to: [sofia],
    cc: [workshop],
    subject: 'Pedido de orçamento: vinte e quatro papagaios',
    daysAgo: 12.3,
    headers: [
      'Importance: high',
      'X-Priority: 1 (Highest)',
      'Disposition-Notification-To: encomendas@museu-do-vento.example',
    ],
    entity: plain(
      'Exma. Senhora Dra. Sofia Almeida,\n\npara a exposição da primavera precisamos de vinte e quatro papagaios, metade em caixa, metade em delta.\nPode enviar-nos um orçamento até sexta-feira?\n\nCom os melhores cumprimentos,\nMuseu do Vento',
    ),
  },
];

/** Ordinary letters: plain, HTML, flowed, without a subject, without a text, in other scripts. */
export function plainLetters(): Letter[] {
  const flowed = `Content-Type: text/plain; charset=utf-8; format=flowed\nContent-Transfer-Encoding: 8bit\n\n${FLOWED}\n`;
  return [
    ...bulletins(),
    ...personal,
    {
      id: 'newsletter',
      from: press,
      to: [team],
      subject: 'The Kite Letter, autumn issue',
      daysAgo: 10.5,
      entity: newsletter,
    },
    { id: 'flowed', from: tailor, to: [workshop], subject: 'Stoffe unterwegs', daysAgo: 6.6, entity: flowed },
    {
      id: 'no-subject',
      from: jonas,
      to: [team],
      subject: '',
      daysAgo: 2.7,
      entity: plain('Who has the key of the paint cupboard?'),
    },
    { id: 'no-text', from: mina, to: [team], subject: 'Key is under the plant', daysAgo: 2.6, entity: plain('') },
    {
      id: 'long-subject',
      from: sofia,
      to: [team],
      subject: LONG_SUBJECT,
      daysAgo: 7.7,
      entity: plain('Postponed.\n\nSofia'),
    },
    {
      id: 'scripts',
      from: mina,
      to: [team],
      subject: 'How to say kite: 연, 凧, 风筝, воздушный змей, טיסן, طائرة ورقية, χαρταετός, पतंग 🪁',
      daysAgo: 8.8,
      entity: plain(
        'Korean: 연\nJapanese: 凧 (たこ)\nChinese: 风筝\nRussian: воздушный змей\nHebrew: עפיפון\nArabic: طائرة ورقية\nGreek: χαρταετός\nHindi: पतंग\n\nFor the back of the brochure.',
      ),
    },
    {
      id: 'many-recipients',
      from: sofia,
      to: [
        team,
        ...Array.from({ length: 80 }, (_, index) => ({
          name: `Guest ${index + 1}`,
          address: `guest${index + 1}@friends.example`,
        })),
      ],
      subject: 'You are all invited',
      daysAgo: 13.4,
      entity: multipart('alternative', '=_invited', [
        plain('Come and fly with us.\n\nSofia'),
        html('<p>Come and <b>fly</b> with us.</p><p>Sofia</p>'),
      ]),
    },
    {
      id: 'junk',
      from: { name: 'Totally Real Prizes', address: 'winner@prizes.example' },
      to: [team],
      subject: 'You have won 1 000 000 m of line',
      daysAgo: 1.9,
      folder: 'Junk Email',
      entity: html('<p><font size="7" color="red">CLAIM IT NOW</font></p>'),
    },
  ];
}
