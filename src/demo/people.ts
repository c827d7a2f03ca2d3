// Who works at the demo company and who writes to it. All of it is made up.

/** Somebody who sends or gets demo mail. */
export interface Correspondent {
  readonly name: string;
  readonly address: string;
}

/** The demo company's mail domain, reserved for examples by RFC 2606. */
export const DEMO_DOMAIN = 'larkspur.example';

/** A user of the demo organisation, in the words of an organisation file. Everybody can read the password here. */
export interface DemoUser extends Correspondent {
  readonly login: string;
  readonly password: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly title: string;
  readonly department: string;
  readonly office: string;
  readonly phone: string;
  readonly mobile: string;
  readonly aliases: readonly string[];
}

function user(
  login: string,
  given: string,
  family: string,
  rest: Omit<DemoUser, 'login' | 'name' | 'address' | 'givenName' | 'familyName'>,
): DemoUser {
  return {
    login,
    name: `${given} ${family}`,
    address: `${login}@${DEMO_DOMAIN}`,
    givenName: given,
    familyName: family,
    ...rest,
  };
}

export const mina = user('mina.cho', 'Mina', 'Cho', {
  password: 'kite-over-seoul-41',
  title: 'Head of Design',
  department: 'Design',
  office: 'Seoul',
  phone: '+82 2 555 0141',
  mobile: '+82 10 5550 0141',
  aliases: ['mina', 'design'],
});

export const jonas = user('jonas.weber', 'Jonas', 'Weber', {
  password: 'kite-over-bern-42',
  title: 'Workshop Lead',
  department: 'Workshop',
  office: 'Bern',
  phone: '+41 31 555 01 42',
  mobile: '+41 79 555 01 42',
  aliases: ['jonas'],
});

export const sofia = user('sofia.almeida', 'Sofia', 'Almeida', {
  password: 'kite-over-lisbon-43',
  title: 'Sales and Shipping',
  department: 'Sales',
  office: 'Lisboa',
  phone: '+351 21 555 0143',
  mobile: '+351 91 555 0143',
  aliases: ['sofia', 'sales'],
});

/** The users of the demo organisation. */
export const demoUsers: readonly DemoUser[] = [mina, jonas, sofia];

/** The distribution list of everybody. */
export const team: Correspondent = { name: 'Larkspur team', address: `team@${DEMO_DOMAIN}` };

/** A smaller list. */
export const workshop: Correspondent = { name: 'Workshop', address: `workshop@${DEMO_DOMAIN}` };

export const museum: Correspondent = { name: 'Museu do Vento', address: 'encomendas@museu-do-vento.example' };
export const tailor: Correspondent = { name: 'Elise Fournier', address: 'elise@toile-et-vent.example' };
export const tanaka: Correspondent = { name: '田中 春香', address: 'tanaka@tako-kobo.example' };
export const park: Correspondent = { name: '박지훈', address: 'park@hangang-festival.example' };
export const liu: Correspondent = { name: '刘洋', address: 'liuyang@weifang-fengzheng.example' };
export const orlova: Correspondent = { name: 'Вера Орлова', address: 'orlova@vozdukh.example' };
export const weather: Correspondent = { name: 'Wind Service', address: 'bulletin@wind-service.example' };
export const press: Correspondent = { name: 'The Kite Letter', address: 'letter@kite-letter.example' };
