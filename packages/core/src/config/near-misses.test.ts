import { expect, test } from 'vitest';
import { nearMisses } from './near-misses.ts';

const KUBERNETES = {
  ...{
    KUBERNETES_SERVICE_HOST: '10.0.0.1',
    REDIS_PORT: 'tcp://10.0.0.2:6379',
    REDIS_SERVICE_HOST: '10.0.0.2',
  },
  ...{
    REDIS_PORT_6379_TCP: 'tcp://10.0.0.2:6379',
    HANDOVER_PORT: 'tcp://10.0.0.3:3000',
    HANDOVER_SERVICE_PORT: '3000',
  },
};
const USUAL = {
  ...{
    HOME: '/root',
    HOSTNAME: 'a',
    PATH: '/bin',
    PWD: '/',
    SHELL: 'sh',
    USER: 'a',
    LANG: 'C',
    TERM: 'xterm',
    EDITOR: 'vi',
  },
  ...{
    NODE_ENV: 'production',
    NODE_OPTIONS: '-r x',
    npm_config_port: '1',
    CI: 'true',
    PORTS: '1',
    POST: '1',
    TZ: 'UTC',
  },
  ...{
    OTEL_EXPORTER_OTLP_ENDPOINTS: 'a',
    SANDBOX_PORT: '4010',
    LOGNAME: 'a',
    REDIS_URL: 'redis://a',
    PORT: '3000',
  },
};

test.each([
  ['API_KEY', 'API_KEYS'],
  ['GENESYS_CLIENTID', 'GENESYS_CLIENT_ID'],
  ['GENESYS_CLIENT_SECRETS', 'GENESYS_CLIENT_SECRET'],
  ['genesys_region', 'GENESYS_REGION'],
  ['REDIS_ULR', 'REDIS_URL'],
  ['REDIS-URL', 'REDIS_URL'],
  ['HANDOVER_MODUS', 'HANDOVER_MODE'],
  ['TRANSFER_DEADLINE', 'TRANSFER_DEADLINE_MS'],
  ['TRANSFER_LIMIT', undefined],
  ['port', 'PORT'],
])('%s: %s is meant', (variable, meant) => {
  expect(nearMisses({ [variable]: 'a' }).map((miss) => miss.meant)).toEqual(
    meant === undefined ? [] : [meant],
  );
});

test('names that others use are no near misses', () => {
  expect(nearMisses({ ...KUBERNETES, ...USUAL })).toEqual([]);
});

test('an empty variable says nothing', () => {
  expect(nearMisses({ API_KEY: '' })).toEqual([]);
});
