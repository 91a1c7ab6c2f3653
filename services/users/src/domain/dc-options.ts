import type { DataCenter } from '@heliograph/service-kit/kit';
import type { DcOption } from '@heliograph/tl/api';

/** Every address of a DC, first for everything (some clients take the first that they find), then for files. The first is there to stay; others come and go. */
export function dcOptionsOf(dc: DataCenter): DcOption[] {
  const addresses = [dc, ...(dc.others ?? [])].map(({ host, port }): DcOption => ({
    _: 'dcOption', ipv6: host.includes(':') || undefined, this_port_only: true, id: dc.id, ip_address: host, port,
  }));
  return [...addresses.map((option, index) => (index === 0 ? { ...option, static: true } : option)), ...addresses.map((option) => ({ ...option, media_only: true }))];
}
