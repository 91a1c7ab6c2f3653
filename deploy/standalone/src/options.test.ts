import { dataCenters, helpText, parseOptions } from './options';

const parse = (...args: string[]) => parseOptions(args, {});

describe('options of npm start', () => {
  test('defaults', () => {
    expect(parse()).toEqual({ data: './.heliograph', host: '127.0.0.1', port: 4430, httpPort: 8080, dcs: 1, noTestPhones: false, grpc: false });
  });

  test('flags in both forms', () => {
    expect(parse('--data', '/d', '--port=5000', '--http-port', '6000', '--dcs=2', '--no-test-phones', '--grpc')).toMatchObject({ data: '/d', port: 5000, httpPort: 6000, dcs: 2, noTestPhones: true, grpc: true });
  });

  test('variables; a flag wins; an empty one is absent', () => {
    const env = { HELIOGRAPH_DATA: '/v', HELIOGRAPH_HTTP_PORT: '7000', HELIOGRAPH_NO_TEST_PHONES: 'true', HELIOGRAPH_GRPC: '0', HELIOGRAPH_HOST: '' };
    expect(parseOptions(['--http-port', '7001'], env)).toMatchObject({ data: '/v', httpPort: 7001, noTestPhones: true, grpc: false, host: '127.0.0.1' });
  });

  test.each([
    [['--prot', '1'], 'There is no option "--prot". The options are --data DIR,'],
    [['data'], 'There is no option "data".'],
    [['--port'], '--port needs a value: --port PORT.'],
    [['--port', '--grpc'], '--port needs a value'],
    [['--port', '0'], '--port must be a whole number from 1 to 65535; it is "0".'],
    [['--port', '70000'], '--port must be'],
    [['--port', '44x'], '--port must be'],
    [['--dcs', '4'], '--dcs must be a whole number from 1 to 3; it is "4".'],
    [['--port', '1', '--port', '2'], '--port is given twice.'],
    [['--port', '65534', '--dcs', '3'], 'leaves no port for DC 3'],
    [['--port', '8080'], 'also the port of DC 2'],
    [['--grpc=maybe'], '--grpc is a switch: 1 or 0; it is "maybe".'],
  ])('%j is refused with a sentence', (args, sentence) => {
    expect(() => parse(...args)).toThrow(sentence);
  });

  test('a wrong variable is named as a variable', () => {
    expect(() => parseOptions([], { HELIOGRAPH_HTTP_PORT: 'x' })).toThrow('HELIOGRAPH_HTTP_PORT must be a whole number');
  });

  test.each([
    [1, [[2, 4430]]],
    [2, [[1, 4431], [2, 4432]]],
    [3, [[1, 4431], [2, 4432], [3, 4433]]],
  ])('--dcs %d', (dcs, expected) => {
    expect(dataCenters({ dcs, host: '127.0.0.1', port: 4430 }).map(({ id, port }) => [id, port])).toEqual(expected);
  });

  test('who listens everywhere is reached by loopback', () => {
    expect(dataCenters({ dcs: 1, host: '0.0.0.0', port: 1 })[0]?.host).toBe('127.0.0.1');
    expect(dataCenters({ dcs: 1, host: '192.0.2.1', port: 1 })[0]?.host).toBe('192.0.2.1');
  });

  test('the help names every option', () => {
    for (const flag of ['--data DIR', '--host', '--port', '--http-port', '--dcs N', '--no-test-phones', '--grpc']) expect(helpText()).toContain(flag);
  });
});
