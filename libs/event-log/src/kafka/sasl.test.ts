import { authenticate, strongest } from './sasl';

/** The exchange of RFC 7677, section 3. */
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const SERVER_FIRST = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

const talk = async (...answers: string[]): Promise<string[]> => {
  const said: string[] = [];
  await authenticate('SCRAM-SHA-256', 'user', 'pencil', NONCE, async (bytes) => {
    said.push(Buffer.from(bytes).toString());
    return Buffer.from(answers.shift() ?? '');
  });
  return said;
};

test('SCRAM as in RFC 7677', async () => {
  expect(await talk(SERVER_FIRST, SERVER_FINAL)).toEqual([
    `n,,n=user,r=${NONCE}`,
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  ]);
});

test.each([
  ['another nonce', [SERVER_FIRST.replace('rOpr', 'xOpr'), SERVER_FINAL]],
  ['a nonce that adds nothing', [`r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, SERVER_FINAL]],
  ['little work', [SERVER_FIRST.replace('4096', '100'), SERVER_FINAL]],
  ['endless work', [SERVER_FIRST.replace('4096', '100000000'), SERVER_FINAL]],
  ['no proof', [SERVER_FIRST, '']],
  ['a wrong proof', [SERVER_FIRST, SERVER_FINAL.replace('6rr', '7rr')]],
  ['a refusal', [SERVER_FIRST, 'e=invalid-proof']],
])('a broker with %s is not trusted', async (_what, answers) => {
  await expect(talk(...answers)).rejects.toMatchObject({ name: 'BrokerNotTrusted' });
});

test('the strongest mechanism; the password itself only through TLS', () => {
  expect(strongest(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], false)).toBe('SCRAM-SHA-512');
  expect(strongest(['PLAIN', 'SCRAM-SHA-256'], true)).toBe('SCRAM-SHA-256');
  expect(strongest(['PLAIN', 'GSSAPI'], true)).toBe('PLAIN');
  expect(strongest(['PLAIN', 'GSSAPI'], false)).toBeUndefined();
});

test('PLAIN', async () => {
  const said: string[] = [];
  await authenticate('PLAIN', 'user', 'pencil', NONCE, async (bytes) => {
    said.push(Buffer.from(bytes).toString());
    return Buffer.alloc(0);
  });
  expect(said).toEqual(['\0user\0pencil']);
});
