// Invents users and groups: names of many scripts, quotes, parentheses, and attributes that are there or not.

const given = ['Ada', 'Zoë', 'Søren', 'Łukasz', 'İbrahim', 'Thị Hương', 'Мария', '伟', 'José María', 'Ελένη', 'أحمد', 'Jürgen', 'Ines', 'Rui', 'Þórdís', 'Noël', 'さくら', 'דוד', 'Anne-Marie', 'Bob'];
const family = ['Lovelace', "O'Brien", 'Müller-Lüdenscheidt', 'Åström', 'Nguyễn', 'Петрова', '王', 'Weiß', 'Παπαδοπούλου', 'الفارسي', 'de la Cruz', 'Çelik', 'Smith', 'Björnsdóttir', '田中', 'van der "Berg"', 'Kowalski', 'D’Angelo', 'Ngũgĩ', 'King'];
const departments = ['Research', 'Sales & Marketing', 'Größe/Maße', 'Finance', 'IT', '人事部', 'Legal', 'Field "Ops"'];
const titles = ['Engineer', 'Senior Engineer', 'Chef de cuisine', 'Leiterin Einkauf', 'VP', '課長', 'Intern'];
const cities = [['Köln', 'NRW', '50667', 'DE'], ['Malmö', 'Skåne', '211 18', 'SE'], ['東京', '東京都', '100-0001', 'JP'], ['Springfield', 'IL', '62701', 'US'], ['São Paulo', 'SP', '01000-000', 'BR']];
const languages = ['en-US', 'de-DE', 'sv', 'ja-JP', 'pt-BR'];
const roles = ['Admin', 'Editor', 'Reader', 'Prüfer', 'Billing "EU"'];
const themes = ['Sales', 'R&D "core"', 'Größe 50%', 'Legal', '開発', "Owner's club", 'Finance', 'Support+', 'Ops\\Night', 'Équipe'];

/** Invents each attribute of a user, by its name in Azure AD. */
const invent = {
  jobTitle: (random) => random.pick(titles),
  preferredLanguage: (random) => random.pick(languages),
  otherMail: (random) => `private+${random.whole(1e6)}@Example.ORG`,
  telephoneNumber: (random) => `+49 (221) ${random.whole(1e6)}-${random.whole(99)}`,
  mobile: (random) => `tel:+1-201-555-${random.whole(1e4)}`,
  fax: (random) => `${random.whole(1e7)} / 0`,
  office: (random) => `Building ${random.whole(40)}, "B" wing`,
  streetAddress: (random) => `Straße des ${random.whole(30)}. Juni ${random.whole(200)}\nHinterhaus`,
  city: (random) => random.pick(cities)[0],
  state: (random) => random.pick(cities)[1],
  postalCode: (random) => random.pick(cities)[2],
  country: (random) => random.pick(cities)[3],
  employeeId: (random) => `${1000 + random.whole(1e6)}`,
  department: (random) => random.pick(departments),
  costCenter: (random) => `CC-${random.whole(500)}`,
  badge: (random) => `B/${random.whole(1e5)}`,
  clearance: (random) => random.pick(['low', 'Mittel', '高い']),
};

/** The attributes that a user may have or lack; the mail address depends on the user's name. */
export const optional = [...Object.keys(invent), 'mail'];

export function inventAttribute(random, user, name) {
  if (name === 'mail') return `${user.attributes.userPrincipalName.split('@')[0]}+w${random.whole(1e4)}@contoso.example`;
  return invent[name](random);
}

/** Invents a user's names: a userPrincipalName with the number in it is unique. */
export function inventNames(random, number) {
  const [givenName, surname] = [random.pick(given), random.pick(family)];
  const ascii = `${givenName}.${surname}`.normalize('NFD').replace(/[^A-Za-z.']/g, '');
  return {
    userPrincipalName: `${ascii}${number}@contoso.example`,
    givenName,
    surname,
    fullName: `${givenName} ${surname}`,
    displayName: random.chance(0.1) ? `${surname}, ${givenName} 🚀` : `${givenName} ${surname}`,
  };
}

export function inventUser(random, number) {
  const user = {
    kind: 'User',
    objectId: random.uuid(),
    attributes: inventNames(random, number),
    roles: random.chance(0.4) ? inventRoles(random) : [],
    manager: undefined,
    enabled: true,
    assigned: true,
    deleted: undefined,
    local: undefined,
  };
  for (const name of optional) {
    if (random.chance(name === 'mail' ? 0.9 : 0.6)) user.attributes[name] = inventAttribute(random, user, name);
  }
  return user;
}

export const inventRoles = (random) => random.some(roles, 1 + random.whole(3));

export const inventGroupName = (random, number) => `${random.pick(themes)} (${number})`;

export const inventGroup = (random, number) => ({
  kind: 'Group',
  objectId: random.uuid(),
  attributes: { displayName: inventGroupName(random, number) },
  members: new Set(),
  deleted: undefined,
});
