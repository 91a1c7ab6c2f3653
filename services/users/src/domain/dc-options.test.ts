import { dcOptionsOf } from './dc-options';

const common = { _: 'dcOption', this_port_only: true, id: 2 };

it('lists every address, those for everything first', () => {
  expect(dcOptionsOf({ id: 2, host: '192.0.2.1', port: 443, others: [{ host: '2001:db8::1', port: 80 }] })).toEqual([
    { ...common, ip_address: '192.0.2.1', port: 443, static: true },
    { ...common, ip_address: '2001:db8::1', port: 80, ipv6: true },
    { ...common, ip_address: '192.0.2.1', port: 443, media_only: true },
    { ...common, ip_address: '2001:db8::1', port: 80, ipv6: true, media_only: true },
  ]);
});
