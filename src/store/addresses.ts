// How addresses and login names are kept and compared: trimmed, lower case.

/** An address or domain as it is kept. */
export function normalAddress(address: string): string {
  return address.trim().toLowerCase();
}

/** The part before the last `@`; the whole when there is none. */
export function localPartOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : address.slice(0, at);
}

/** The part after the last `@`; empty when there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1);
}

/** All addresses of a user, primary first, none twice. An alias without `@` is one in the user's own domain. */
export function userAddresses(name: string, domain: string, aliases: readonly string[]): readonly string[] {
  const all = new Set([`${name}@${domain}`]);
  for (const alias of aliases) {
    const address = normalAddress(alias);
    all.add(address.includes('@') ? address : `${address}@${domain}`);
  }
  return [...all];
}
