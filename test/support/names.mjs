// --import this: every host name but localhost is this machine, and is written to the file LOOKED_UP.
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { isIP } from 'node:net';

const real = dns.lookup;
dns.lookup = (name, ...rest) => {
  if (isIP(name) !== 0 || name === 'localhost') return real(name, ...rest);
  appendFileSync(process.env.LOOKED_UP, `${name}\n`);
  return real('127.0.0.1', ...rest);
};
