import { parseDcAddresses } from './dc-addresses';

it('reads data centers with one address and with several', () => {
  expect(parseDcAddresses('1=192.0.2.1:443, 2=dc2.example:4430,1=192.0.2.1:80,1=[2001:db8::1]:443')).toEqual([
    { id: 1, host: '192.0.2.1', port: 443, others: [{ host: '192.0.2.1', port: 80 }, { host: '2001:db8::1', port: 443 }] },
    { id: 2, host: 'dc2.example', port: 4430 },
  ]);
});

it.each(['', '1', '1=host', '0=host:1', '32=host:1', '1=host:0', '1=host:70000', '1=[host]:1', '1=::1:1', '1=host:1,', '1=host:1,1=host:1', Array.from({ length: 17 }, (_, i) => `1=host:${i + 1}`).join(',')])('refuses %p', (text) => {
  expect(() => parseDcAddresses(text)).toThrow('--dc-addresses');
});
