/** The regions of Genesys Cloud by the AWS region that they run in, each with its domain. */
const regions: Record<string, string> = {
  'us-east-1': 'mypurecloud.com',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'eu-west-1': 'mypurecloud.ie',
  'eu-west-2': 'euw2.pure.cloud',
  'eu-central-1': 'mypurecloud.de',
  'eu-central-2': 'euc2.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'ap-northeast-1': 'mypurecloud.jp',
  'ap-northeast-2': 'apne2.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'ap-southeast-2': 'mypurecloud.com.au',
};

export type Region = { name: string; domain: string };

/**
 * The region that somebody means by its AWS name or by its domain, in any case. Gives it, or says why it is none: also where a
 * host stands in its place. Pure.
 */
export function findRegion(given: string): Region | { problem: string } {
  const wanted = given.trim().toLowerCase();
  for (const [name, domain] of Object.entries(regions))
    if (wanted === name || wanted === domain) return { name, domain };
  const host = /^(?:https?:\/\/)?(?:api|login|apps)\.([^/]+)/.exec(wanted)?.[1];
  const meant = Object.entries(regions).find(([, domain]) => domain === host);
  if (meant !== undefined)
    return { problem: `is the address of a host, not a region: "${meant[0]}" or "${meant[1]}" is meant` };
  return {
    problem: `"${given}" is no region of Genesys Cloud; it is one of ${Object.keys(regions).join(', ')}`,
  };
}

/** Whether a host belongs to a live organisation; `isExact`: it is one of the hosts that every region has. Pure. */
export function isLiveHost(host: string): { isExact: boolean } | undefined {
  const name = host.toLowerCase();
  const domain = Object.values(regions).find((one) => name === one || name.endsWith(`.${one}`));
  if (domain === undefined) return undefined;
  return { isExact: ['api', 'login', 'apps'].some((first) => name === `${first}.${domain}`) };
}
